import { FivefoldError } from '../../../../core/index.ts'
import { type OnnxModel, type OnnxNode, readModel } from '../../../../onnx/index.ts'
import type { ObjectiveName } from '../../loss/objective.ts'
import type { BoostingModel } from '../../model/model.ts'
import { MAX_FEATURES, modelFromDraft } from '../draft/draft-model.ts'
import type { DraftTree } from '../draft/draft-tree.ts'
import { mapLeaves } from '../draft/unfold-base.ts'
import { ensembleNodes, floatsAt, textsAt } from './ensemble-nodes.ts'
import { readEnsemble } from './read-ensemble.ts'

type Graph = OnnxModel['graph']

const ENSEMBLES = ['TreeEnsembleRegressor', 'TreeEnsembleClassifier']

/**
 * The trees of an ONNX model: a TreeEnsembleRegressor or TreeEnsembleClassifier (ai.onnx.ml 1 to 3) over a float matrix that
 * is the graph's input, as skl2onnx, onnxmltools and `compileBoosting` write them. Features are named f0, f1, ...; ONNX knows
 * nothing of gains and covers, so that importances and attributions by cover have nothing to go by.
 *
 * @throws GRAPH_INVALID or MODEL_UNREADABLE where the file is damaged
 * @throws MODEL_UNSUPPORTED where columns are computed before the trees, or predictions are not sums under a link that is known
 */
export function boostingModelFromOnnx(file: Uint8Array): BoostingModel {
  const { graph } = readModel(file)
  const ensembles = graph.nodes.filter(({ op }) => ENSEMBLES.includes(op))
  const [ensemble] = ensembles
  if (ensemble === undefined || ensembles.length > 1)
    throw unsupported(`the graph has ${ensembles.length} tree ensembles of ai.onnx.ml 1 to 3, expected one`)
  const nodes = ensembleNodes(ensemble)
  const { objective, outputCount, classes } = meaningOf(graph, ensemble, new Set(nodes.weights.output).size)
  const oneOutput = outputCount === 1
  // A classifier with two classes and one score may count it for either class.
  const output = oneOutput ? nodes.weights.output.map(() => 0) : nodes.weights.output
  const trees = readEnsemble({ ...nodes, weights: { ...nodes.weights, output } }, outputCount)
  return modelFromDraft({
    featureNames: featureNamesOf(graph, ensemble, nodes.feature),
    objective,
    classes,
    baseScores: baseScoresOf(ensemble, outputCount),
    trees: averaged(trees, ensemble, new Set(nodes.tree).size),
    treesPerRound: outputCount,
  })
}

interface Meaning {
  readonly objective: ObjectiveName
  readonly outputCount: number
  readonly classes?: readonly string[]
}

function meaningOf(graph: Graph, ensemble: OnnxNode, scoreCount: number): Meaning {
  const transform = textAt(ensemble, 'post_transform', 'NONE')
  const after = opsAfter(graph, ensemble)
  if (ensemble.op === 'TreeEnsembleRegressor') {
    const outputCount = intAt(ensemble, 'n_targets', 1)
    return { objective: objectiveAfter(transform, after), outputCount }
  }
  const classes = classesOf(ensemble)
  if (classes.length === 2 && transform === 'LOGISTIC' && scoreCount === 1)
    return { objective: 'logistic', outputCount: 1, classes }
  if (transform === 'SOFTMAX') return { objective: 'softmax', outputCount: classes.length, classes }
  throw unsupported(
    `a classifier of ${classes.length} classes and ${scoreCount} scores with the transform ${transform}`,
  )
}

function objectiveAfter(transform: string, after: ReadonlySet<string>): ObjectiveName {
  const links: [boolean, ObjectiveName][] = [
    [transform === 'LOGISTIC' || after.has('Sigmoid'), 'logistic'],
    [transform === 'SOFTMAX' || after.has('Softmax'), 'softmax'],
    [after.has('Exp'), 'poisson'],
  ]
  const found = links.filter(([is]) => is)
  if (found.length > 1 || !['NONE', 'LOGISTIC', 'SOFTMAX'].includes(transform))
    throw unsupported(`scores go through ${[transform, ...after].join(', ')}`)
  return found[0]?.[1] ?? 'squared'
}

/** What may follow the scores without changing what they mean, or as a link. */
const KNOWN_AFTER = ['Identity', 'Cast', 'Reshape', 'ZipMap', 'ArgMax', 'Sigmoid', 'Softmax', 'Exp', 'Neg', 'Concat']

function opsAfter({ nodes }: Graph, ensemble: OnnxNode): Set<string> {
  const reached = new Set(ensemble.op === 'TreeEnsembleClassifier' ? ensemble.outputs.slice(1) : ensemble.outputs)
  const ops = new Set<string>()
  // Nodes stand in order: whatever reads a value comes after what makes it.
  for (const { op, inputs, outputs } of nodes) {
    if (!inputs.some((input) => reached.has(input))) continue
    ops.add(op)
    for (const output of outputs) reached.add(output)
  }
  const unknown = [...ops].find((op) => !KNOWN_AFTER.includes(op))
  if (unknown !== undefined) throw unsupported(`the graph does ${unknown} with what the trees say`)
  return ops
}

function classesOf({ attributes }: OnnxNode): readonly string[] {
  const numbers = attributes.classlabels_int64s
  if (numbers !== undefined && 'ints' in numbers && numbers.ints.length > 0) return numbers.ints.map(String)
  return textsAt(attributes, 'classlabels_strings')
}

/** The matrix must be the graph's input, or a copy of it. */
function featureNamesOf({ inputs, nodes }: Graph, ensemble: OnnxNode, features: readonly number[]): string[] {
  let source = ensemble.inputs[0]!
  for (const { op, inputs: from, outputs } of [...nodes].reverse())
    if (outputs[0] === source && (op === 'Identity' || op === 'Cast')) source = from[0]!
  const input = inputs.find(({ name }) => name === source)
  if (input === undefined) throw unsupported('columns are computed before the trees')
  const used = features.reduce((most, feature) => Math.max(most, feature + 1), 1)
  const width = input.shape[1]
  const count = typeof width === 'number' && width > 0 ? width : used
  if (count > MAX_FEATURES || used > count)
    throw new FivefoldError('MODEL_UNREADABLE', `the trees test ${used} features of ${count}`)
  return Array.from({ length: count }, (_, i) => `f${i}`)
}

function baseScoresOf({ attributes }: OnnxNode, outputCount: number): number[] {
  const given = 'base_values' in attributes ? Array.from(floatsAt(attributes, 'base_values')) : []
  if (outputCount > 65_535) throw new FivefoldError('MODEL_UNREADABLE', `the ensemble has ${outputCount} outputs`)
  if (given.length === 0) return Array.from({ length: outputCount }, () => 0)
  if (given.length === outputCount) return given
  throw unsupported(`${given.length} base values for ${outputCount} scores`)
}

function averaged(trees: DraftTree[], ensemble: OnnxNode, treeCount: number): DraftTree[] {
  const aggregate = textAt(ensemble, 'aggregate_function', 'SUM')
  if (aggregate === 'SUM') return trees
  if (aggregate !== 'AVERAGE') throw unsupported(`trees are combined by ${aggregate}`)
  return trees.map((tree) => ({ ...tree, root: mapLeaves(tree.root, (value) => value / treeCount) }))
}

function textAt({ attributes }: OnnxNode, name: string, otherwise: string): string {
  const attribute = attributes[name]
  return attribute !== undefined && 'string' in attribute ? attribute.string : otherwise
}

function intAt({ attributes }: OnnxNode, name: string, otherwise: number): number {
  const attribute = attributes[name]
  return attribute !== undefined && 'int' in attribute ? Number(attribute.int) : otherwise
}

function unsupported(reason: string): FivefoldError {
  return new FivefoldError('MODEL_UNSUPPORTED', `the ONNX model cannot be taken as boosted trees: ${reason}`)
}
