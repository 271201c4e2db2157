import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3000' },
    points: { type: 'string', default: '20000' },
    requests: { type: 'string', default: '400' },
    writers: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '5' },
    postgres: { type: 'string' },
  },
})

/** Sizes are small by default; RESULTS.md names those of its figures. */
export const options = {
  runs: Number(values.runs),
  points: Number(values.points),
  requests: Number(values.requests),
  writers: Number(values.writers),
  rounds: Number(values.rounds),
  /** Database that both servers use too, in schemas and databases of their own. */
  postgres: values.postgres,
}
