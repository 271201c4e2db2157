import { parseArgs } from 'node:util'

const DEFAULTS = { runs: '30000', seconds: '2', rounds: '3', minutes: '7' }

export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: 'string', default: DEFAULTS.runs },
      seconds: { type: 'string', default: DEFAULTS.seconds },
      rounds: { type: 'string', default: DEFAULTS.rounds },
      minutes: { type: 'string', default: DEFAULTS.minutes },
      postgres: { type: 'string' },
      'no-postgres': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  return {
    /** Runs that each server holds before anything is measured. */
    runs: positive('runs', values.runs),
    /** How long each rate is measured. */
    seconds: positive('seconds', values.seconds),
    rounds: positive('rounds', values.rounds),
    /** No further round is begun that would not be over after this time. */
    minutes: positive('minutes', values.minutes),
    /** Database that both servers use as well, in a schema and a database of their own; undefined for the usual place. */
    postgres: values.postgres,
    withPostgres: !values['no-postgres'],
    json: values.json,
  }
}

function positive(name, text) {
  const number = Number(text)
  if (!(number > 0)) throw new Error(`--${name} ${text}: expected a number above zero`)
  return number
}
