import type { Attribute, GraphBuilder, ValueRef } from '../../../../onnx/index.ts'
import { linkOf } from '../../loss/objective.ts'
import type { BoostingModel } from '../../model/model.ts'
import { type CategoryColumns, planCategoryColumns } from './category-columns.ts'
import { gatherCategories } from './gather-categories.ts'

/**
 * Adds the model to a graph: ai.onnx.ml TreeEnsembleRegressor, then Sigmoid or Softmax as nodes of their own. Categories are
 * looked up in tables before, so that the ensemble has thresholds alone, which every runtime knows and walks fastest.
 *
 * @param matrix float [N, features], in the model's order; NaN is missing
 * @returns float [N, classes] of probabilities, or [N, 1] of values
 * @throws MODEL_UNSUPPORTED where splits by very many categories would take more than 64 MiB
 */
export function compileBoosting(model: BoostingModel, builder: GraphBuilder, matrix: ValueRef): ValueRef {
  const columns = planCategoryColumns(model.trees)
  const columnsOfModel = gatherCategories(columns.tables, builder, matrix)
  const scores = builder.node('TreeEnsembleRegressor', [columnsOfModel], ensembleAttributes(model, columns), {
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

function ensembleAttributes(model: BoostingModel, { tests }: CategoryColumns): Record<string, Attribute> {
  const { trees, baseScores, featureNames } = model
  const { treeOf, indexOf } = placesOf(model)
  const nodes = Array.from(trees.feature, (_, node) => node)
  const leaves = nodes.filter((node) => trees.feature[node]! < 0)
  const isLeaf = (node: number): boolean => trees.feature[node]! < 0
  const featureOf = (node: number): number => {
    const test = tests.get(node)
    return test === undefined ? Math.max(0, trees.feature[node]!) : featureNames.length + test.column
  }
  const child = (node: number, whenTrue: boolean): number => {
    if (isLeaf(node)) return 0
    const goesLeft = whenTrue === (tests.get(node)?.lowIsLeft ?? true)
    return goesLeft ? trees.left[node]! : trees.left[node]! + 1
  }
  return {
    n_targets: { int: baseScores.length },
    aggregate_function: { string: 'SUM' },
    post_transform: { string: 'NONE' },
    base_values: { floats: [...baseScores] },
    nodes_treeids: { ints: [...treeOf] },
    nodes_nodeids: { ints: [...indexOf] },
    nodes_featureids: { ints: nodes.map(featureOf) },
    nodes_modes: { strings: nodes.map((node) => (isLeaf(node) ? 'LEAF' : 'BRANCH_LEQ')) },
    nodes_values: { floats: nodes.map((node) => tests.get(node)?.threshold ?? trees.threshold[node]!) },
    nodes_truenodeids: { ints: nodes.map((node) => child(node, true)) },
    nodes_falsenodeids: { ints: nodes.map((node) => child(node, false)) },
    // Looked up, missing values are categories like others.
    nodes_missing_value_tracks_true: { ints: nodes.map((node) => (tests.has(node) ? 0 : trees.missingLeft[node]!)) },
    target_treeids: { ints: leaves.map((node) => treeOf[node]!) },
    target_nodeids: { ints: leaves.map((node) => indexOf[node]!) },
    target_ids: { ints: leaves.map((node) => trees.output[treeOf[node]!]!) },
    target_weights: { floats: leaves.map((node) => trees.value[node]!) },
  }
}

/** The tree of each node, and its number there. */
function placesOf({ trees }: BoostingModel): { treeOf: Uint32Array; indexOf: Uint32Array } {
  const treeOf = new Uint32Array(trees.feature.length)
  const indexOf = new Uint32Array(trees.feature.length)
  for (let tree = 0; tree + 1 < trees.starts.length; tree++) {
    for (let node = trees.starts[tree]!; node < trees.starts[tree + 1]!; node++) {
      treeOf[node] = tree
      indexOf[node] = node - trees.starts[tree]!
    }
  }
  return { treeOf, indexOf }
}
