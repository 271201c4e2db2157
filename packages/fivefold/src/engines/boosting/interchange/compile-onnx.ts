import type { Attribute, GraphBuilder, ValueRef } from '../../../onnx/index.ts'
import { linkOf } from '../loss/objective.ts'
import type { BoostingModel } from '../model/model.ts'

/**
 * Adds the model to a graph: ai.onnx.ml TreeEnsembleRegressor, then Sigmoid or Softmax as nodes of their own.
 *
 * @param matrix float [N, features], in the model's order; NaN is missing
 * @returns float [N, classes] of probabilities, or [N, 1] of values
 */
export function compileBoosting(model: BoostingModel, builder: GraphBuilder, matrix: ValueRef): ValueRef {
  const scores = builder.node('TreeEnsembleRegressor', [matrix], ensembleAttributes(model), {
    domain: 'ai.onnx.ml',
    name: 'boosting_scores',
  })
  switch (linkOf(model.objective)) {
    case 'identity':
      return scores
    case 'exponential':
      return builder.node('Exp', [scores], {}, { name: 'boosting_values' })
    case 'softmax':
      return builder.node('Softmax', [scores], { axis: { int: 1 } }, { name: 'boosting_probabilities' })
    case 'logistic': {
      // Each side from its own sigmoid: one minus the other would lose small probabilities.
      const negative = builder.node('Sigmoid', [builder.node('Neg', [scores])])
      const positive = builder.node('Sigmoid', [scores])
      const options = { name: 'boosting_probabilities' }
      return builder.node('Concat', [negative, positive], { axis: { int: 1 } }, options)
    }
  }
}

function ensembleAttributes({ trees, baseScores }: BoostingModel): Record<string, Attribute> {
  const outputCount = baseScores.length
  const size = trees.feature.length
  const treeOf = new Uint32Array(size)
  const indexOf = new Uint32Array(size)
  for (let tree = 0; tree + 1 < trees.starts.length; tree++) {
    for (let node = trees.starts[tree]!; node < trees.starts[tree + 1]!; node++) {
      treeOf[node] = tree
      indexOf[node] = node - trees.starts[tree]!
    }
  }
  const nodes = Array.from({ length: size }, (_, node) => node)
  const leaves = nodes.filter((node) => trees.feature[node]! < 0)
  const isLeaf = (node: number): boolean => trees.feature[node]! < 0
  return {
    n_targets: { int: outputCount },
    aggregate_function: { string: 'SUM' },
    post_transform: { string: 'NONE' },
    base_values: { floats: [...baseScores] },
    nodes_treeids: { ints: [...treeOf] },
    nodes_nodeids: { ints: [...indexOf] },
    nodes_featureids: { ints: nodes.map((node) => Math.max(0, trees.feature[node]!)) },
    nodes_modes: { strings: nodes.map((node) => (isLeaf(node) ? 'LEAF' : 'BRANCH_LEQ')) },
    nodes_values: { floats: trees.threshold },
    nodes_truenodeids: { ints: nodes.map((node) => (isLeaf(node) ? 0 : trees.left[node]!)) },
    nodes_falsenodeids: { ints: nodes.map((node) => (isLeaf(node) ? 0 : trees.left[node]! + 1)) },
    nodes_missing_value_tracks_true: { ints: [...trees.missingLeft] },
    target_treeids: { ints: leaves.map((node) => treeOf[node]!) },
    target_nodeids: { ints: leaves.map((node) => indexOf[node]!) },
    target_ids: { ints: leaves.map((node) => trees.output[treeOf[node]!]!) },
    target_weights: { floats: leaves.map((node) => trees.value[node]!) },
  }
}
