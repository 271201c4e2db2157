import { didYouMean, FivefoldError } from '../../core/index.ts'
import { type ImportedModel, type ImportOptions, importModel } from '../graph/import-model.ts'
import type { OnnxModel } from '../graph/model.ts'
import { createOperations } from '../graph/operations.ts'
import type { TypedGraph } from '../graph/typed-graph.ts'
import type { TypedValue } from '../graph/typed-value.ts'
import { writeGradients } from './backward.ts'
import { type BatchMoments, DROPOUT_SEED, toTrainingForm } from './training-form.ts'

export interface DifferentiateOptions extends Pick<ImportOptions, 'dimensions' | 'inputShapes'> {
  /**
   * What to differentiate in: names of weights or inputs, or a choice among the weights of rank 1 or more. Weights that are chosen become inputs
   * of the same name; the loss must depend on every value that is named.
   */
  readonly wrt: readonly string[] | ((weight: string) => boolean)
  /** The name of a value with one element, or a function that writes one; it may add inputs of its own, such as targets. */
  readonly loss: string | ((graph: TypedGraph, outputs: ReadonlyMap<string, TypedValue>) => TypedValue)
  /** The model's own outputs to keep. Default all. */
  readonly outputs?: readonly string[]
  /**
   * Whether the model behaves as in training: BatchNormalization uses the statistics of the batch and tells them, Dropout drops,
   * with masks that follow from the input `dropout_seed` (int32 []), which is there where a Dropout is. Default false.
   */
  readonly training?: boolean
}

/** Where a training graph tells the statistics of a batch. */
export interface BatchStatistics extends Pick<BatchMoments, 'count' | 'momentum'> {
  /** Names of the running statistics in the model, and of the outputs with those of the batch, [channels]. */
  readonly mean: { readonly running: string; readonly output: string }
  /** The batch's variance divides by the count; PyTorch averages `variance * count / (count - 1)`. */
  readonly variance: { readonly running: string; readonly output: string }
}

export interface DifferentiatedModel {
  readonly model: OnnxModel
  /** Name of the output with the loss. */
  readonly loss: string
  /** Name of the output with the gradient, `gradient:<name>`, for each value that was differentiated in. */
  readonly gradients: ReadonlyMap<string, string>
  /** In training, for each BatchNormalization whose running statistics a trainer must average. */
  readonly batchStatistics: readonly BatchStatistics[]
  /** The input that masks of dropout are drawn from, where there is one. */
  readonly seed: string | undefined
}

/**
 * Adds the gradients of a loss to a model: one graph that gives loss, outputs and gradients, in standard operators that any
 * runtime executes. Fine-tunes what others exported, and with inputs as `wrt` gives saliency maps and adversarial examples.
 *
 * @throws OPTION_INVALID where a name is unknown, not real, or nothing that the loss depends on
 * @throws GRAPH_UNSUPPORTED naming the node that cannot be taken in or differentiated, or the size that must be bound
 */
export function differentiate(model: OnnxModel, options: DifferentiateOptions): DifferentiatedModel {
  const { wrt, dimensions, inputShapes } = options
  // A choice is among tensors of rank 1 or more: single numbers that exporters store are constants such as ratios.
  const isWanted = (name: string, rank: number): boolean =>
    typeof wrt === 'function' ? rank > 0 && wrt(name) : wrt.includes(name)
  const imported = importModel(model, {
    ...(dimensions && { dimensions }),
    ...(inputShapes && { inputShapes }),
    weights: ({ name, shape }) =>
      isWanted(name, shape.length) ? 'input' : shape.length === 0 ? 'constant' : 'initializer',
  })
  const { graph } = imported
  const wanted = wantedValues(imported, wrt)
  const moments = options.training ? toTrainingForm(createOperations(graph)) : []
  const loss =
    typeof options.loss === 'string' ? valueNamed(imported, options.loss) : options.loss(graph, imported.outputs)
  const gradients = writeGradients(graph, loss, wanted)
  const lossName = declareOutputs(imported, loss, options)
  const named = declareGradients(graph, wanted, gradients, typeof wrt === 'function')
  const batchStatistics = moments.map((batch) => declareStatistics(graph, batch))
  const built = graph.build(model.metadata)
  const hasSeed = built.graph.inputs.some(({ name }) => name === DROPOUT_SEED)
  return { model: built, loss: lossName, gradients: named, batchStatistics, seed: hasSeed ? DROPOUT_SEED : undefined }
}

function wantedValues({ weights, inputs }: ImportedModel, wrt: DifferentiateOptions['wrt']): TypedValue[] {
  if (typeof wrt === 'function') return [...weights].flatMap(([name, value]) => (wrt(name) ? [value] : []))
  return wrt.map((name) => {
    const value = weights.get(name) ?? inputs.get(name)
    if (value === undefined) throw unknown('weight or input', name, [...weights.keys(), ...inputs.keys()])
    if (value.type === 'float' || value.type === 'double' || value.type === 'float16') return value
    throw new FivefoldError(
      'OPTION_INVALID',
      `wrt: '${name}' holds values of type ${value.type}, which have no gradient`,
    )
  })
}

function valueNamed({ values, outputs }: ImportedModel, name: string): TypedValue {
  const value = values.get(name)
  if (value === undefined) throw unknown('value', name, [...outputs.keys()])
  return value
}

const unknown = (what: string, name: string, known: readonly string[]): FivefoldError =>
  new FivefoldError('OPTION_INVALID', `the model has no ${what} '${name}'${didYouMean(name, known)}`)

/** Declares what the model gives itself and the loss; returns the loss's name. */
function declareOutputs({ graph, outputs }: ImportedModel, loss: TypedValue, options: DifferentiateOptions): string {
  const kept = options.outputs ?? [...outputs.keys()]
  for (const name of kept) {
    const value = outputs.get(name)
    if (value === undefined) throw unknown('output', name, [...outputs.keys()])
    graph.output(name, value)
  }
  const existing = kept.find((name) => outputs.get(name)!.name === loss.name)
  if (existing !== undefined) return existing
  graph.output('loss', loss)
  return 'loss'
}

function declareGradients(
  graph: TypedGraph,
  wanted: readonly TypedValue[],
  gradients: readonly (TypedValue | undefined)[],
  mayLack: boolean,
): Map<string, string> {
  const names = new Map<string, string>()
  wanted.forEach(({ name }, i) => {
    const gradient = gradients[i]
    if (gradient === undefined && mayLack) return
    if (gradient === undefined) throw new FivefoldError('OPTION_INVALID', `wrt: the loss does not depend on '${name}'`)
    names.set(name, `gradient:${name}`)
    graph.output(`gradient:${name}`, gradient)
  })
  return names
}

function declareStatistics(
  graph: TypedGraph,
  { runningMean, runningVariance, mean, variance, count, momentum }: BatchMoments,
): BatchStatistics {
  const declare = (running: TypedValue, value: TypedValue): { running: string; output: string } => {
    const output = `batch:${running.name}`
    graph.output(output, value)
    return { running: running.name, output }
  }
  return { mean: declare(runningMean, mean), variance: declare(runningVariance, variance), count, momentum }
}
