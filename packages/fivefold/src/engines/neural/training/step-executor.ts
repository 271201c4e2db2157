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
  type Optimizer,
  type ParameterMemory,
  type Slot,
  stateSlotsOf,
  type WeightAverage,
} from '../optimizer/index.ts'
import type { GradientExchange } from './gradient-exchange.ts'
import { type LoadedProgram, loadProgram } from './loaded-program.ts'
import { captureState, restoreState } from './trainer-state.ts'
import type { Batch, PlannedProgram, StepOutcome, StepRequest, TrainerState, TrainingPlan } from './training-plan.ts'

/** Executes the steps of a plan on the calling thread, which the runtime blocks meanwhile. */
export interface StepExecutor {
  step(request: StepRequest): Promise<StepOutcome>
  /** Loss and outputs of a program over one batch, with averaged weights where asked for and where the plan has them. */
  evaluate(program: string, batch: Batch, averaged: boolean): Promise<Record<string, TensorLiteral>>
  state(): TrainerState
  restore(state: TrainerState): void
  close(): Promise<void>
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
    evaluate: (name, batch, averaged) => evaluate(find(name), batch, averaged ? average : undefined, memory),
    state: () => captureState(memory, optimizersOf(programs), average),
    restore: (state) => restoreState(memory, optimizersOf(programs), average, state),
    async close() {
      for (const { loaded } of programs.values()) await loaded.close()
    },
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
  if (!Number.isFinite(gathered.loss)) return { loss: gathered.loss }
  const { gradients, scale } = gathered
  if (update.clipValue !== undefined) optimizer.clipByValue(update.clipValue / scale, gradients)
  const norm = update.clipNorm === undefined ? undefined : scale * optimizer.gradientNorm(gradients)
  const clip = norm === undefined || update.clipNorm === undefined ? 1 : clipFactor(norm, update.clipNorm)
  if (Number.isNaN(clip)) return { loss: Number.NaN, gradientNorm: norm! }
  optimizer.step({ learningRate: request.learningRate, gradientScale: scale * clip, gradients })
  workspace.average?.update()
  return { loss: gathered.loss, ...(norm !== undefined && { gradientNorm: norm }) }
}

interface GatheredGradients {
  readonly loss: number
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
    return { loss: await differentiate(program, only!, workspace.memory), gradients: 'gradients', scale: 1 }
  const { accumulator, memory } = workspace
  accumulator.clear()
  let lossSum = 0
  let weightSum = 0
  for (const batch of batches) {
    const weight = totalWeight(batch, program)
    lossSum += weight * (await differentiate(program, batch, memory))
    weightSum += weight
    accumulator.add(weight)
  }
  if (workspace.exchange === undefined)
    return { loss: lossSum / weightSum, gradients: 'accumulatedGradients', scale: accumulator.scale }
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
  exchange.average([gradients, loss, ...states], weightSum)
  return { loss: loss[0]!, gradients: 'accumulatedGradients', scale: 1 }
}

function wholeSlot(memory: ParameterMemory, slot: Slot): Float32Array {
  const { buffer } = memory.view(slot, memory.tensors[0]!.name)
  return new Float32Array(buffer, memory.addressOf(slot), memory.trainableLength)
}

/** Values that workers exchange at each step: gradients, the loss, states. */
export function exchangedValueCount(plan: TrainingPlan): number {
  const memory = createParameterMemory(plan.tensors)
  const states = memory.tensors.filter(({ trainable }) => !trainable)
  return memory.trainableLength + 1 + states.reduce((sum, { length }) => sum + length, 0)
}

/** Gradients into the memory, states moved on; returns the loss. */
async function differentiate(
  { program, loaded }: ReadyProgram,
  batch: Batch,
  memory: ParameterMemory,
): Promise<number> {
  const updates = program.updatedStates.map(PROGRAM_NAMES.update)
  const results = await loaded.run(batch, [PROGRAM_NAMES.loss, ...updates])
  const loss = Number(results[PROGRAM_NAMES.loss]!.data[0])
  if (Number.isFinite(loss)) {
    for (const name of program.updatedStates) {
      memory.view('parameters', name).set(results[PROGRAM_NAMES.update(name)]!.data as Float32Array)
    }
  }
  return loss
}

function totalWeight({ weights }: Batch, { program }: ReadyProgram): number {
  return weights === undefined ? program.batchSize : weights.reduce((sum, weight) => sum + weight, 0)
}

async function evaluate(
  { program, loaded }: ReadyProgram,
  batch: Batch,
  average: WeightAverage | undefined,
  memory: ParameterMemory,
): Promise<Record<string, TensorLiteral>> {
  const isAveraged = average !== undefined && average.updateCount > 0
  loaded.useWeights(isAveraged ? average.weights() : memory.views('parameters'))
  return loaded.run(batch, [PROGRAM_NAMES.loss, ...program.outputs])
}
