import { linkOf } from '../../loss/objective.ts'
import type { BoostingModel } from '../../model/model.ts'
import type { Trees } from '../../model/trees.ts'
import { draftOfTree } from '../draft/draft-of-tree.ts'
import type { Draft } from '../draft/draft-tree.ts'
import { mapLeaves } from '../draft/unfold-base.ts'
import { objectiveText } from './objectives.ts'
import { lightgbmTreeText } from './write-lightgbm-tree.ts'

/**
 * The model as text that LightGBM 3 and 4 load, exact for every float32 row. Base scores go into the first trees, as LightGBM
 * keeps them. Classes are numbers there; their names go into a line of the header, from where importing takes them. Spaces in
 * names of features become underscores.
 *
 * @throws MODEL_UNSUPPORTED where splits by category that send missing values with their members, as XGBoost may leave them,
 * are too many
 */
export function boostingModelToLightgbm(model: BoostingModel): string {
  const texts = treesInTurn(model).map(
    (root, i) =>
      `Tree=${i}\n${lightgbmTreeText(root, i < model.baseScores.length ? 1 : model.params.learningRate)}\n\n`,
  )
  return [
    ...headerLines(model),
    `tree_sizes=${texts.map((text) => Buffer.byteLength(text)).join(' ')}`,
    '',
    ...[`${texts.join('')}end of trees`, ''],
    ...['feature_importances:', ''],
    ...['parameters:', ...parameterLines(model), '', 'end of parameters', ''],
    ...['pandas_categorical:null', ''],
  ].join('\n')
}

function headerLines({
  baseScores,
  featureNames,
  objective,
  classes,
  categoricalFeatures,
  trees,
}: BoostingModel): string[] {
  const text = objectiveText(objective, baseScores.length)
  const categorical = new Set(categoricalFeatures)
  return [
    ...['tree', 'version=v4', `num_class=${baseScores.length}`, `num_tree_per_iteration=${baseScores.length}`],
    ...['label_index=0', `max_feature_idx=${featureNames.length - 1}`],
    ...(text === undefined ? [] : [`objective=${text}`]),
    // A value must not have another '=', and brackets mean something to LightGBM.
    ...(classes.length === 0 ? [] : [`fivefold_classes=${encodeURIComponent(JSON.stringify(classes))}`]),
    `feature_names=${featureNamesOf(featureNames).join(' ')}`,
    `feature_infos=${featureNames.map((name, i) => (categorical.has(name) ? codesText(trees, i) : rangeText(trees, i))).join(' ')}`,
  ]
}

/** LightGBM puts spaces between names, and takes none that JSON would have to escape. */
function featureNamesOf(names: readonly string[]): readonly string[] {
  const plain = names.map((name) => name.replace(/\s/g, '_'))
  const isPlain = plain.every((name) => /^[^",:[\]{}=]+$/.test(name)) && new Set(plain).size === plain.length
  return isPlain ? plain : names.map((_, i) => `Column_${i}`)
}

/** What the splits know of a feature, since the training rows are gone. */
function rangeText({ feature, threshold }: Trees, wanted: number): string {
  let [low, high] = [Infinity, -Infinity]
  for (const [node, at] of feature.entries()) {
    if (at !== wanted || !Number.isFinite(threshold[node]!)) continue
    low = Math.min(low, threshold[node]!)
    high = Math.max(high, threshold[node]!)
  }
  return low <= high ? `[${low}:${high}]` : 'none'
}

function codesText({ feature, categorySet, sets }: Trees, wanted: number): string {
  const codes = new Set<number>()
  for (const [node, set] of categorySet.entries()) {
    if (set < 0 || feature[node] !== wanted) continue
    for (let word = sets.starts[set]!; word < sets.starts[set + 1]!; word++)
      for (let bit = 0; bit < 32; bit++)
        if ((sets.words[word]! >>> bit) & 1) codes.add((word - sets.starts[set]!) * 32 + bit)
  }
  return codes.size === 0 ? 'none' : [...codes].join(':')
}

/** One tree an output in turn, as LightGBM counts them; where an output has fewer, trees of nothing. Starts from the base. */
function treesInTurn({ trees, baseScores }: BoostingModel): Draft[] {
  const byOutput: Draft[][] = baseScores.map(() => [])
  for (const [tree, output] of trees.output.entries()) byOutput[output]!.push(draftOfTree(trees, tree))
  const rounds = Math.max(1, ...byOutput.map((list) => list.length))
  return Array.from({ length: rounds }, (_, round) =>
    byOutput.map((list, output) => {
      const root = list[round] ?? { value: 0, cover: 0 }
      return round === 0 ? mapLeaves(root, (value) => value + baseScores[output]!) : root
    }),
  ).flat()
}

function parameterLines({ params, objective, baseScores }: BoostingModel): string[] {
  const entries: [string, string | number][] = [
    ['boosting', 'gbdt'],
    ['num_iterations', params.rounds],
    ['learning_rate', params.learningRate],
    ['num_leaves', params.maxLeaves],
    ['max_depth', params.maxDepth === 0 ? -1 : params.maxDepth],
    ['min_data_in_leaf', params.minLeafRows],
    ['lambda_l1', params.l1],
    ['lambda_l2', params.l2],
    ...(objective === 'quantile' ? ([['alpha', params.quantile]] satisfies [string, number][]) : []),
    ...(objective === 'tweedie'
      ? ([['tweedie_variance_power', params.tweediePower]] satisfies [string, number][])
      : []),
    ['num_class', linkOf(objective) === 'softmax' ? baseScores.length : 1],
  ]
  return entries.map(([key, value]) => `[${key}: ${value}]`)
}
