import { setImmediate } from 'node:timers/promises'
import { type Context, FivefoldError } from '../../../core/index.ts'
import { compileEvaluation, compileTraining, declaredTensors, drawWeights, type Loss } from '../network/compile.ts'
import type { Network } from '../network/network.ts'
import { weightOf } from '../network/weights.ts'
import { adamw, type ParameterSpec, resolveGroups } from '../optimizer/index.ts'
import type { TrainingOptions } from './training-options.ts'
import type { PlannedProgram, TrainingPlan } from './training-plan.ts'

export const TRAIN_PROGRAM = 'train'
export const VALIDATION_PROGRAM = 'validation'

/**
 * The programs and weights of a training run of one network with one optimiser. Graphs are written on the caller's thread, since
 * networks are functions; in between the event loop gets its turn.
 */
export async function planTraining(
  network: Network,
  options: TrainingOptions,
  context: Context,
): Promise<TrainingPlan> {
  const { data, validation, targets, averaging, provider } = options
  const loss = options.loss as Loss
  const optimizer = options.optimizer ?? adamw()
  const { parameters, states } = declaredTensors(network)
  const specs = [...parameters, ...states].map(({ name, shape }) => ({ name, shape }))
  const settings = resolveGroups(parameters, options.groups ?? [])
  const frozen = new Set(settings.filter((setting) => setting.frozen).map(({ name }) => name))
  // Gradients of frozen parameters need not be computed at all.
  const isTrained = (name: string): boolean => !frozen.has(name)
  await setImmediate()
  const program = compileTraining(network, { batchSize: data.batchSize, targets, loss, isTrained })
  const trained = new Set(program.trained)
  const tensors: ParameterSpec[] = specs.map((spec) => ({ ...spec, trainable: trained.has(spec.name) }))
  const update = {
    optimizer,
    settings: settings.filter(({ name }) => trained.has(name)),
    ...(options.clipNorm !== undefined && { clipNorm: options.clipNorm }),
    ...(options.clipValue !== undefined && { clipValue: options.clipValue }),
  }
  const programs: Record<string, PlannedProgram> = { [TRAIN_PROGRAM]: { program, update } }
  if (validation !== undefined) {
    await setImmediate()
    const evaluation = compileEvaluation(network, { batchSize: validation.batchSize, targets, loss })
    programs[VALIDATION_PROGRAM] = { program: evaluation }
  }
  return {
    tensors,
    initial: await initialWeights(network, specs, options, context),
    programs,
    ...(averaging && { averaging }),
    ...(provider && { provider }),
    threads: Math.max(1, Math.floor(context.threads / (options.workers ?? 1))),
  }
}

/** Drawn weights, replaced by given ones. Throws MODEL_INPUT where a given one is unknown or has another size. */
async function initialWeights(
  network: Network,
  specs: readonly ParameterSpec[],
  { initial }: TrainingOptions,
  context: Context,
): Promise<Map<string, Float32Array>> {
  const weights = await drawInTurns(network, context.seed)
  const shapes = new Map(specs.map(({ name, shape }) => [name, shape]))
  for (const name of initial?.keys() ?? []) {
    const shape = shapes.get(name)
    if (shape === undefined)
      throw new FivefoldError('MODEL_INPUT', `the network '${network.name}' has no weight '${name}'`)
    weights.set(name, weightOf(initial!, name, shape))
  }
  return weights
}

/** The weights of a new network; the event loop gets its turn after each piece. */
async function drawInTurns(network: Network, seed: number): Promise<Map<string, Float32Array>> {
  const drawing = drawWeights(network, seed)
  let piece = drawing.next()
  while (!piece.done) {
    await setImmediate()
    piece = drawing.next()
  }
  return piece.value
}
