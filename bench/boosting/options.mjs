import { parseArgs } from 'node:util'
import { CASES } from './cases.mjs'

const FLAGS = {
  quality: { type: 'boolean', default: false },
  memory: { type: 'boolean', default: false },
  cases: { type: 'string', default: Object.keys(CASES).join(',') },
  growths: { type: 'string', default: 'depth,leaf' },
  tables: { type: 'string' },
  threads: { type: 'string', default: '1,2' },
  repeats: { type: 'string', default: '3' },
  rounds: { type: 'string' },
  rows: { type: 'string' },
}

/** Flags with their defaults; a name or number that means nothing ends the program with a message. */
export function readOptions(args) {
  const { values: flags } = parseArgs({ args, options: FLAGS })
  return {
    quality: flags.quality,
    memory: flags.memory,
    cases: known('cases', flags.cases, Object.keys(CASES)),
    growths: known('growths', flags.growths, ['depth', 'leaf']),
    tables: flags.tables?.split(','),
    threads: flags.threads.split(',').map((text) => count('threads', text)),
    repeats: count('repeats', flags.repeats),
    rounds: flags.rounds === undefined ? undefined : count('rounds', flags.rounds),
    rows: flags.rows === undefined ? undefined : count('rows', flags.rows),
  }
}

/** Names of a comma-separated list, each of which is in `allowed`. */
export function known(flag, list, allowed) {
  const names = list.split(',')
  const strange = names.find((name) => !allowed.includes(name))
  if (strange !== undefined) fail(`--${flag}: '${strange}' is none of ${allowed.join(', ')}`)
  return names
}

export function count(flag, text) {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) fail(`--${flag}: '${text}' is not a whole number from 1`)
  return number
}

function fail(message) {
  console.error(message)
  process.exit(2)
}
