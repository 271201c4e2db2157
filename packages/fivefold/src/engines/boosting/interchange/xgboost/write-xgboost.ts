import type { ObjectiveName } from '../../loss/objective.ts'
import { linkOf } from '../../loss/objective.ts'
import type { BoostingModel } from '../../model/model.ts'
import { type DocumentValue, floatText, toJsonText } from './model-document.ts'
import { objectiveSection, scoreOfBase, XGBOOST_OBJECTIVES } from './objectives.ts'
import { toUbjson } from './ubjson-writer.ts'
import { constantTree, xgboostTree } from './write-xgboost-tree.ts'

const OBJECTIVES: Readonly<Record<ObjectiveName, string>> = {
  logistic: 'binary:logistic',
  softmax: 'multi:softprob',
  squared: 'reg:squarederror',
  absolute: 'reg:absoluteerror',
  huber: 'reg:pseudohubererror',
  quantile: 'reg:quantileerror',
  poisson: 'count:poisson',
  gamma: 'reg:gamma',
  tweedie: 'reg:tweedie',
  lambdarank: 'rank:ndcg',
  custom: 'reg:squarederror',
}

/** Starting scores that differ by less than this share are the same to float32 sums. */
const SAME = 1e-7

/**
 * The model as XGBoost's `load_model` reads it, 1.6 and later, exact for every float32 row. Classes are numbers there; their
 * names go into an attribute, from where importing takes them. What base_score cannot say in float32, and several starting
 * scores, become trees that are single leaves.
 *
 * @param format the text form, or the binary one (.ubj)
 */
export function boostingModelToXgboost(model: BoostingModel, format: 'json' | 'ubj'): Uint8Array {
  const document = documentOf(model)
  if (format === 'ubj') return toUbjson(document)
  return new TextEncoder().encode(toJsonText(document))
}

function documentOf(model: BoostingModel): DocumentValue {
  const { featureNames, baseScores, objective, classes, categoricalFeatures } = model
  const name = OBJECTIVES[objective]
  const { base, rest } = splitBase(model, name)
  const outputCount = baseScores.length
  const classCount = linkOf(objective) === 'softmax' ? outputCount : 0
  const categorical = new Set(categoricalFeatures)
  return {
    learner: {
      attributes: classes.length > 0 ? { fivefold_classes: JSON.stringify(classes) } : {},
      feature_names: checkedNames(featureNames),
      feature_types: featureNames.map((feature) => (categorical.has(feature) ? 'c' : 'float')),
      gradient_booster: { model: treeModel(model, rest), name: 'gbtree' },
      learner_model_param: {
        base_score: floatText(Math.fround(base)),
        boost_from_average: '1',
        num_class: String(classCount),
        num_feature: String(featureNames.length),
        num_target: '1',
      },
      objective: {
        name,
        ...objectiveSection(objective, model.params),
        ...(classCount > 0 ? { softmax_multiclass_param: { num_class: String(classCount) } } : {}),
      },
    },
    version: [2, 1, 0],
  }
}

/** XGBoost refuses such names, and the same name twice. */
function checkedNames(names: readonly string[]): readonly string[] {
  const bad = names.find((name) => /[[\]<]/.test(name))
  if (bad === undefined && new Set(names).size === names.length) return names
  return names.map((_, i) => `f${i}`)
}

/** base_score in the target's units, and what is then missing of each starting score. */
function splitBase({ baseScores }: BoostingModel, name: string): { base: number; rest: number[] | undefined } {
  const { base: link } = XGBOOST_OBJECTIVES.get(name)!
  const score = baseScores.length === 1 ? baseScores[0]! : 0
  const base = Math.fround(baseOfScore(link, score))
  const reached = scoreOfBase(link, base)
  const neutral = link === 'logistic' ? 0.5 : link === 'exponential' ? 1 : 0
  if (!Number.isFinite(reached)) return { base: neutral, rest: [...baseScores] }
  const rest = baseScores.map((wanted) => wanted - reached)
  const same = rest.every((value, i) => Math.abs(value) <= SAME * Math.max(1, Math.abs(baseScores[i]!)))
  return { base, rest: same ? undefined : rest }
}

function baseOfScore(link: 'identity' | 'logistic' | 'exponential', score: number): number {
  if (link === 'logistic') return 1 / (1 + Math.exp(-score))
  return link === 'exponential' ? Math.exp(score) : score
}

function treeModel(model: BoostingModel, rest: readonly number[] | undefined): DocumentValue {
  const { trees, featureNames, baseScores } = model
  const constants = (rest ?? []).map((value) => constantTree(value, featureNames.length))
  const ours = Array.from(trees.output, (_, tree) => xgboostTree(trees, tree, featureNames.length))
  const all = [...constants, ...ours].map((tree, id) => ({ ...tree, id }))
  const outputs = [...constants.keys(), ...trees.output]
  const inTurn =
    outputs.length % baseScores.length === 0 && outputs.every((output, i) => output === i % baseScores.length)
  const step = inTurn ? baseScores.length : Math.max(1, outputs.length)
  return {
    gbtree_model_param: { num_parallel_tree: '1', num_trees: String(all.length) },
    iteration_indptr: Array.from({ length: Math.ceil(outputs.length / step) + 1 }, (_, i) =>
      Math.min(i * step, outputs.length),
    ),
    tree_info: outputs,
    trees: all,
  }
}
