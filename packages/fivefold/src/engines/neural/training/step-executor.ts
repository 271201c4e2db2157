import { FivefoldError } from '../../../core/index.ts'
import type { SessionOptions, TensorLiteral } from '../../../onnx/index.ts'
import { PROGRAM_NAMES } from '../network/compile.ts'
import {
  clipFactor,
  createGradientAccumulator,
  createOptimizer,
  createParameterMemory,
  createWeightAverage,
  type GradientAccumulator,
  type GradientSlot,
  layOutParameters,
  type Optimizer,
  type ParameterMemory,
  type Slot,
  stateSlotsOf,
  type WeightAverage,
} from '../optimizer/index.ts'
import { isAllIgnored, totalWeight } from './counted-rows.ts'
import type { GradientExchange } from './gradient-exchange.ts'
import { type LoadedProgram, loadProgram } from './loaded-program.ts'
import { captureState, captureWeights, restoreState } from './trainer-state.ts'
import type {
  Batch,
  EvaluateOptions,
  PlannedProgram,
  StepOutcome,
  StepRequest,
  TrainerState,
  TrainingPlan,
} from './training-plan.ts'

/** Executes the steps of a plan on the calling thread, which the runtime blocks meanwhile. */
export interface StepExecutor {
  step(request: StepRequest): Promise<StepOutcome>
  /** Loss and outputs of a program over one batch. */
  evaluate(program: string, batch: Batch, options: EvaluateOptions): Promise<Record<string, TensorLiteral>>
  /** Copies of parameters and states, averaged where the plan says so. */
  weights(): TrainerState['parameters']
  state(): TrainerState
  restore(state: TrainerState): void
}

/** A program with what moves its parameters. */
interface ReadyProgram extends PlannedProgram {
  readonly loaded: LoadedProgram
  readonly optimizer?: Optimizer
}

/** What the parts of a step work on. */
interface Workspace {
  readonly memory: ParameterMemory
  readonly accumulator: GradientAccumulator
  readonly average: WeightAverage | undefined
  readonly exchange: GradientExchange | undefined
}

export async function createStepExecutor(plan: TrainingPlan, exchange?: GradientExchange): Promise<StepExecutor> {
  const memory = createParameterMemory(plan.tensors, slotsOf(plan))
  for (const { name } of memory.tensors) memory.view('parameters', name).set(plan.initial.get(name)!)
  const average = plan.averaging && createWeightAverage(plan.averaging, memory)
  const workspace: Workspace = { memory, accumulator: createGradientAccumulator(memory), average, exchange }
  const session: SessionOptions = { threads: plan.threads, ...(plan.provider && { provider: plan.provider }) }
  const programs = new Map<string, ReadyProgram>()
  for (const [name, planned] of Object.entries(plan.programs)) {
    programs.set(name, await prepare(planned, memory, session))
  }
  const find = (name: string): ReadyProgram => {
    const program = programs.get(name)
    if (program === undefined) throw new FivefoldError('OPTION_INVALID', `the plan has no program '${name}'`)
    return program
  }
  return {
    step: (request) => takeStep(find(request.program), request, workspace),
    evaluate: (name, batch, options) => evaluate(find(name), batch, options, workspace),
    weights: () => captureWeights(memory, average),
    state: () => captureState(memory, optimizersOf(programs), average),
    restore: (state) => restoreState(memory, optimizersOf(programs), average, state),
  }
}

function slotsOf({ programs, averaging }: TrainingPlan): Slot[] {
  const optimizerSlots = Object.values(programs).flatMap(({ update }) => (update ? stateSlotsOf(update.optimizer) : []))
  return [...optimizerSlots, 'accumulatedGradients', ...(averaging ? (['averages'] as const) : [])]
}

async function prepare(
  planned: PlannedProgram,
  memory: ParameterMemory,
  session: SessionOptions,
): Promise<ReadyProgram> {
  const loaded = await loadProgram(planned.program, memory, session)
  if (planned.update === undefined) return { ...planned, loaded }
  return { ...planned, loaded, optimizer: createOptimizer(planned.update.optimizer, planned.update.settings, memory) }
}

function optimizersOf(programs: ReadonlyMap<string, ReadyProgram>): Map<string, Optimizer> {
  return new Map([...programs].flatMap(([name, { optimizer }]) => (optimizer ? [[name, optimizer] as const] : [])))
}

/** Gradients of all micro-batches, then one update. */
async function takeStep(program: ReadyProgram, request: StepRequest, workspace: Workspace): Promise<StepOutcome> {
  const { optimizer, update } = program
  if (optimizer === undefined || update === undefined)
    throw new FivefoldError('OPTION_INVALID', `program '${request.program}' has no optimiser: it only evaluates`)
  const gathered = await gatherGradients(program, request, workspace)
  const { loss, weight, gradients, scale } = gathered
  if (weight === 0 || !Number.isFinite(loss)) return { loss: weight === 0 ? 0 : loss }
  if (update.clipValue !== undefined) optimizer.clipByValue(update.clipValue / scale, gradients)
  const norm = update.clipNorm === undefined ? undefined : scale * optimizer.gradientNorm(gradients)
  const clip = norm === undefined || update.clipNorm === undefined ? 1 : clipFactor(norm, update.clipNorm)
  if (Number.isNaN(clip)) return { loss: Number.NaN, gradientNorm: norm! }
  optimizer.step({ learningRate: request.learningRate, gradientScale: scale * clip, gradients })
  workspace.average?.update()
  return { loss, ...(norm !== undefined && { gradientNorm: norm }) }
}

interface GatheredGradients extends BatchLoss {
  readonly gradients: GradientSlot
  /** What gradients in that slot are to be multiplied with. */
  readonly scale: number
}

async function gatherGradients(
  program: ReadyProgram,
  { batches }: StepRequest,
  workspace: Workspace,
): Promise<GatheredGradients> {
  const [only] = batches
  if (batches.length === 1 && workspace.exchange === undefined)
    return { ...(await differentiate(program, only!, workspace.memory)), gradients: 'gradients', scale: 1 }
  const { accumulator, memory } = workspace
  accumulator.clear()
  let lossSum = 0
  let weightSum = 0
  for (const batch of batches) {
    const { loss, weight } = await differentiate(program, batch, memory)
    if (weight === 0) continue
    lossSum += weight * loss
    weightSum += weight
    accumulator.add(weight)
  }
  if (workspace.exchange === undefined)
    return {
      loss: lossSum / weightSum,
      weight: weightSum,
      gradients: 'accumulatedGradients',
      scale: accumulator.scale,
    }
  return exchangeGradients(workspace, workspace.exchange, lossSum, weightSum)
}

/** The mean over all workers; states such as running statistics are averaged along. */
function exchangeGradients(
  { memory, accumulator }: Workspace,
  exchange: GradientExchange,
  lossSum: number,
  weightSum: number,
): GatheredGradients {
  const gradients = wholeSlot(memory, 'accumulatedGradients')
  if (weightSum > 0) memory.kernels.scale(memory.addressOf('accumulatedGradients'), gradients.length, accumulator.scale)
  const states = memory.tensors.filter(({ trainable }) => !trainable).map(({ name }) => memory.view('parameters', name))
  const loss = Float32Array.of(weightSum > 0 ? lossSum / weightSum : 0)
  const weight = exchange.average([gradients, loss, ...states], weightSum)
  return { loss: loss[0]!, weight, gradients: 'accumulatedGradients', scale: 1 }
}

function wholeSlot(memory: ParameterMemory, slot: Slot): Float32Array {
  const { buffer } = memory.view(slot, memory.tensors[0]!.name)
  return new Float32Array(buffer, memory.addressOf(slot), memory.trainableLength)
}

/** Values that workers exchange at each step: gradients, the loss, states. */
export function exchangedValueCount(plan: TrainingPlan): number {
  const { tensors, trainableBytes } = layOutParameters(plan.tensors)
  const states = tensors.filter(({ trainable }) => !trainable)
  return trainableBytes / Float32Array.BYTES_PER_ELEMENT + 1 + states.reduce((sum, { length }) => sum + length, 0)
}

interface BatchLoss {
  readonly loss: number
  /** The sum of the rows' weights; 0 where nothing counts, whatever the loss and the gradients are then. */
  readonly weight: number
}

/** Gradients into the memory, states moved on. */
async function differentiate(
  { program, loaded }: ReadyProgram,
  batch: Batch,
  memory: ParameterMemory,
): Promise<BatchLoss> {
  const updates = program.updatedStates.map(PROGRAM_NAMES.update)
  const results = await loaded.run(batch, [PROGRAM_NAMES.loss, ...updates])
  const loss = Number(results[PROGRAM_NAMES.loss]!.data[0])
  // A loss of other parts than the ignored ones is hardly ever 0: then the batch counts.
  const weight = loss === 0 && isAllIgnored(program, batch) ? 0 : totalWeight(program, batch)
  if (weight > 0 && Number.isFinite(loss)) {
    for (const name of program.updatedStates) {
      memory.view('parameters', name).set(results[PROGRAM_NAMES.update(name)]!.data as Float32Array)
    }
  }
  return { loss, weight }
}

async function evaluate(
  { program, loaded }: ReadyProgram,
  batch: Batch,
  { averaged = false, outputs = program.outputs }: EvaluateOptions,
  { memory, average }: Workspace,
): Promise<Record<string, TensorLiteral>> {
  const fetched = [PROGRAM_NAMES.loss, ...outputs]
  if (!averaged || average === undefined || average.updateCount === 0) return loaded.run(batch, fetched)
  loaded.useWeights(average.weights())
  try {
    return await loaded.run(batch, fetched)
  } finally {
    // The next step of this program is to move on from the parameters, not from their averages.
    loaded.useWeights(memory.views('parameters'))
  }
}
