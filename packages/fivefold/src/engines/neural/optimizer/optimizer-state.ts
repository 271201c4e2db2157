import { FivefoldError } from '../../../core/index.ts'
import type { ParameterMemory, StateSlot } from './parameter-memory.ts'

/** What an optimiser remembers between steps. */
export interface OptimizerState {
  /** By `<slot>/<parameter>`: `firstMoment/encoder.weight`. */
  readonly tensors: Readonly<Record<string, Float32Array>>
  /** Updates that each parameter had. */
  readonly updateCounts: Readonly<Record<string, number>>
}

/** A copy of the state, of frozen parameters too. */
export function exportState(memory: ParameterMemory, slots: readonly StateSlot[]): OptimizerState {
  const tensors = slots.flatMap((slot) =>
    Array.from(memory.views(slot), ([name, view]) => [`${slot}/${name}`, view.slice()] as const),
  )
  return { tensors: Object.fromEntries(tensors), updateCounts: Object.fromEntries(memory.updateCounts) }
}

/** @throws CHECKPOINT_INVALID where the state is not of these parameters and this optimiser; nothing is changed then */
export function importState(memory: ParameterMemory, slots: readonly StateSlot[], state: OptimizerState): void {
  const views = new Map(
    slots.flatMap((slot) => Array.from(memory.views(slot), ([name, view]) => [`${slot}/${name}`, view] as const)),
  )
  checkNames('state', [...views.keys()], Object.keys(state.tensors))
  checkNames('update counts', [...memory.updateCounts.keys()], Object.keys(state.updateCounts))
  for (const [key, view] of views) {
    const length = state.tensors[key]!.length
    if (length !== view.length) throw foreign(`'${key}' has ${length} values, not ${view.length}`)
  }
  for (const [name, count] of Object.entries(state.updateCounts))
    if (!Number.isSafeInteger(count) || count < 0) throw foreign(`'${name}' had ${count} updates`)
  for (const [key, view] of views) view.set(state.tensors[key]!)
  for (const [name, count] of Object.entries(state.updateCounts)) memory.updateCounts.set(name, count)
}

function checkNames(what: string, expected: readonly string[], given: readonly string[]): void {
  const missing = expected.find((name) => !given.includes(name))
  if (missing !== undefined) throw foreign(`no ${what} for '${missing}'`)
  const known = new Set(expected)
  const extra = given.find((name) => !known.has(name))
  if (extra !== undefined) throw foreign(`${what} for '${extra}', which this optimiser does not keep`)
}

const foreign = (message: string): FivefoldError =>
  new FivefoldError('CHECKPOINT_INVALID', `the optimiser state does not fit: ${message}`)
