import { FivefoldError } from '../../../core/index.ts'
import type { Optimizer, ParameterMemory, WeightAverage } from '../optimizer/index.ts'
import type { TrainerState } from './training-plan.ts'

/** A copy of parameters and states, averages in place of the weights that they are averages of. */
export function captureWeights(
  memory: ParameterMemory,
  average: WeightAverage | undefined,
): TrainerState['parameters'] {
  const views = average !== undefined && average.updateCount > 0 ? average.weights() : memory.views('parameters')
  return new Map(memory.tensors.map(({ name, shape }) => [name, { shape, values: views.get(name)!.slice() }]))
}

/** A copy of everything that training changes. */
export function captureState(
  memory: ParameterMemory,
  optimizers: ReadonlyMap<string, Optimizer>,
  average: WeightAverage | undefined,
): TrainerState {
  const states = Array.from(optimizers, ([name, optimizer]) => [name, optimizer.exportState()] as const)
  const state = { parameters: captureWeights(memory, undefined), optimizers: Object.fromEntries(states) }
  if (average === undefined) return state
  const values = Array.from(memory.views('averages'), ([name, view]) => [name, view.slice()] as const)
  return { ...state, averages: { updateCount: average.updateCount, values: Object.fromEntries(values) } }
}

/**
 * Puts a captured state back.
 *
 * @throws CHECKPOINT_INVALID where it is of another network, another optimiser or other averages
 */
export function restoreState(
  memory: ParameterMemory,
  optimizers: ReadonlyMap<string, Optimizer>,
  average: WeightAverage | undefined,
  state: TrainerState,
): void {
  checkParameters(memory, state)
  for (const [name, optimizer] of optimizers) {
    const saved = state.optimizers[name]
    if (saved === undefined) throw foreign(`it has no optimiser '${name}'`)
    optimizer.importState(saved)
  }
  for (const [name, { values }] of state.parameters) memory.view('parameters', name).set(values)
  if (average !== undefined) restoreAverages(memory, average, state)
}

function checkParameters(memory: ParameterMemory, { parameters }: TrainerState): void {
  for (const { name, length } of memory.tensors) {
    const saved = parameters.get(name)
    if (saved?.values.length === length) continue
    throw foreign(
      saved === undefined ? `it has no '${name}'` : `'${name}' has ${saved.values.length} values, not ${length}`,
    )
  }
  const known = new Set(memory.tensors.map(({ name }) => name))
  const extra = [...parameters.keys()].find((name) => !known.has(name))
  if (extra !== undefined) throw foreign(`the network has no '${extra}'`)
}

function restoreAverages(memory: ParameterMemory, average: WeightAverage, { averages }: TrainerState): void {
  if (averages === undefined) throw foreign('it has no averaged weights')
  for (const [name, view] of memory.views('averages')) {
    const values = averages.values[name]
    if (values?.length !== view.length) throw foreign(`its averages do not fit '${name}'`)
    view.set(values)
  }
  average.resume(averages.updateCount)
}

const foreign = (message: string): FivefoldError =>
  new FivefoldError('CHECKPOINT_INVALID', `the checkpoint does not fit this training: ${message}`)
