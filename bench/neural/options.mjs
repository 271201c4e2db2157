import { parseArgs } from 'node:util'
import { count, known } from '../boosting/options.mjs'
import { ARCHITECTURES } from './architectures.mjs'
import { QUALITY_CASES } from './quality/cases.mjs'

const FLAGS = {
  quality: { type: 'boolean', default: false },
  memory: { type: 'boolean', default: false },
  cases: { type: 'string' },
  kinds: { type: 'string', default: 'train,infer' },
  threads: { type: 'string' },
  repeats: { type: 'string', default: '7' },
  steps: { type: 'string', default: '5000' },
  epochs: { type: 'string' },
  rows: { type: 'string' },
  out: { type: 'string', default: 'fivefold-out/bench-neural' },
}

/** What is measured where no cases are named. */
const casesOf = (flags) => {
  if (flags.quality) return { usual: Object.keys(QUALITY_CASES), known: Object.keys(QUALITY_CASES) }
  return { usual: flags.memory ? ['mlp', 'lstm'] : Object.keys(ARCHITECTURES), known: Object.keys(ARCHITECTURES) }
}

/** Flags with their defaults; a name or number that means nothing ends the program with a message. */
export function readOptions(args) {
  const { values: flags } = parseArgs({ args, options: FLAGS })
  const cases = casesOf(flags)
  const isSpeed = !flags.quality && !flags.memory
  const optional = (flag) => (flags[flag] === undefined ? undefined : count(flag, flags[flag]))
  return {
    quality: flags.quality,
    memory: flags.memory,
    cases: known('cases', flags.cases ?? cases.usual.join(','), cases.known),
    kinds: known('kinds', flags.kinds, ['train', 'infer']),
    threads: (flags.threads ?? (isSpeed ? '1,2' : '2')).split(',').map((text) => count('threads', text)),
    repeats: count('repeats', flags.repeats),
    steps: count('steps', flags.steps),
    epochs: optional('epochs'),
    rows: optional('rows'),
    out: flags.out,
  }
}
