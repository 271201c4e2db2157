import { FivefoldError } from '../../../core/index.ts'
import type { ParameterSpec } from './parameter-memory.ts'

/** Which parameters: names with '*' for any characters, an expression found in the name, or a test. */
export type ParameterMatch = string | RegExp | ((parameter: ParameterSpec) => boolean)

export interface ParameterGroup {
  readonly match: ParameterMatch
  /** Multiplies the learning rate: discriminative rates. Default 1. */
  readonly learningRateFactor?: number
  /** In place of the optimiser's; 0 is none. */
  readonly weightDecay?: number
  /** Neither moves nor decays, and keeps its optimiser state. Default false. */
  readonly frozen?: boolean
}

/** What holds for one parameter; plain data, so that groups with tests of their own can be sent to a worker. */
export interface ParameterSetting {
  readonly name: string
  readonly learningRateFactor: number
  /** Absent where the optimiser's holds. */
  readonly weightDecay?: number
  readonly frozen: boolean
}

/** Biases, and scales and shifts of norms, have one dimension at most; they are usually not decayed. */
export const withoutDecay: ParameterGroup = { match: ({ shape }) => shape.length < 2, weightDecay: 0 }

/**
 * The first group that matches a trainable parameter holds for it, else the optimiser's own settings.
 * @throws OPTION_INVALID where a group matches nothing, or has a number out of range
 */
export function resolveGroups(
  parameters: readonly ParameterSpec[],
  groups: readonly ParameterGroup[],
): readonly ParameterSetting[] {
  const trainable = parameters.filter(({ trainable }) => trainable ?? true)
  const tests = groups.map(({ match }) => toTest(match))
  for (const [i, group] of groups.entries()) {
    checkNumbers(group, i)
    if (!trainable.some(tests[i]!)) throw matchesNothing(group, i, trainable)
  }
  return trainable.map((parameter) => {
    const group = groups[tests.findIndex((test) => test(parameter))]
    return settingOf(parameter.name, group)
  })
}

function settingOf(name: string, group: ParameterGroup | undefined): ParameterSetting {
  const { learningRateFactor = 1, frozen = false, weightDecay } = group ?? {}
  return { name, learningRateFactor, frozen, ...(weightDecay === undefined ? {} : { weightDecay }) }
}

function toTest(match: ParameterMatch): (parameter: ParameterSpec) => boolean {
  if (typeof match === 'function') return match
  if (match instanceof RegExp) return ({ name }) => name.search(match) >= 0
  const parts = match.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  const whole = new RegExp(`^${parts.join('.*')}$`, 's')
  return ({ name }) => whole.test(name)
}

function checkNumbers({ learningRateFactor = 1, weightDecay = 0 }: ParameterGroup, index: number): void {
  for (const [key, value] of Object.entries({ learningRateFactor, weightDecay }))
    if (!(value >= 0 && value < Infinity))
      throw new FivefoldError('OPTION_INVALID', `parameter group ${index}: ${key} is ${value}, not a number from 0`)
}

function matchesNothing({ match }: ParameterGroup, index: number, parameters: readonly ParameterSpec[]): FivefoldError {
  const pattern = typeof match === 'function' ? 'its test' : `'${match}'`
  const names = parameters.slice(0, 20).map(({ name }) => name)
  const more = parameters.length > names.length ? ` and ${parameters.length - names.length} more` : ''
  return new FivefoldError('OPTION_INVALID', `parameter group ${index}: ${pattern} matches no trainable parameter`, {
    remedy: `Match some of ${names.join(', ')}${more}.`,
  })
}
