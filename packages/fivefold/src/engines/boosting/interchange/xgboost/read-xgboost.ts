import { FivefoldError } from '../../../../core/index.ts'
import type { BoostingModel } from '../../model/model.ts'
import { MAX_FEATURES, modelFromDraft } from '../draft/draft-model.ts'
import type { DraftTree } from '../draft/draft-tree.ts'
import {
  asFields,
  type Fields,
  fieldsAt,
  listAt,
  numberAt,
  numbersAt,
  parseJson,
  textAt,
  textsAt,
} from '../draft/fields.ts'
import { paramsOfObjective, scoreOfBase, XGBOOST_OBJECTIVES, type XgboostObjective } from './objectives.ts'
import { readXgboostTree } from './read-xgboost-tree.ts'
import { parseUbjson } from './ubjson-reader.ts'

const LEARNER = 'learner'

/**
 * A model of XGBoost (1.6 to 3.x) from what `save_model` wrote as .json or .ubj: gbtree and dart with one output a tree.
 * Splits are exact: XGBoost's `x < t` in float32 is `x <= previous float32 of t`. Category codes are those of training;
 * missing is NaN.
 *
 * @throws MODEL_UNREADABLE where the file is damaged
 * @throws MODEL_UNSUPPORTED for gblinear, several targets, vector leaves, and objectives that have no counterpart
 */
export function boostingModelFromXgboost(file: Uint8Array | string): BoostingModel {
  const learner = fieldsAt(asFields(parseFile(file), 'the file'), LEARNER, 'the file')
  const booster = fieldsAt(learner, 'gradient_booster', LEARNER)
  const model = treeModelOf(booster)
  const modelParam = fieldsAt(learner, 'learner_model_param', LEARNER)
  const objective = objectiveOf(learner)
  const featureCount = numberAt(modelParam, 'num_feature', 'learner_model_param')
  const outputCount = outputCountOf(modelParam)
  const trees = readTrees(model, weightsOf(booster))
  const parallel = numberAt(
    fieldsAt(model, 'gbtree_model_param', 'model'),
    'num_parallel_tree',
    'gbtree_model_param',
    1,
  )
  return modelFromDraft({
    featureNames: featureNamesOf(learner, featureCount),
    categorical: textsAt(learner, 'feature_types', LEARNER, true).flatMap((type, i) => (type === 'c' ? [i] : [])),
    objective: objective.objective,
    classes: classesOf(learner),
    baseScores: baseScoresOf(modelParam, outputCount).map((base) => scoreOfBase(objective.base, Math.fround(base))),
    trees,
    treesPerRound: outputCount * Math.max(1, parallel),
    params: paramsOfObjective(objective.objective, fieldsAt(learner, 'objective', LEARNER)),
    bestRound: bestRoundOf(learner),
  })
}

/** Both formats begin with a brace; UBJSON goes on with the type of a length. */
function parseFile(file: Uint8Array | string): unknown {
  if (typeof file === 'string') return parseJson(file, 'XGBoost')
  const isUbjson = file[0] === 0x7b && 'iUIlL'.includes(String.fromCharCode(file[1] ?? 0))
  return isUbjson ? parseUbjson(file) : parseJson(new TextDecoder().decode(file), 'XGBoost')
}

function treeModelOf(booster: Fields): Fields {
  const name = textAt(booster, 'name', 'gradient_booster')
  if (name === 'gbtree') return fieldsAt(booster, 'model', 'gradient_booster')
  if (name === 'dart') return fieldsAt(fieldsAt(booster, 'gbtree', 'gradient_booster'), 'model', 'gbtree')
  throw new FivefoldError('MODEL_UNSUPPORTED', `XGBoost's booster '${name}' has no trees that can be read here`)
}

function objectiveOf(learner: Fields): XgboostObjective {
  const name = textAt(fieldsAt(learner, 'objective', LEARNER), 'name', 'objective')
  const known = XGBOOST_OBJECTIVES.get(name)
  if (known === undefined)
    throw new FivefoldError('MODEL_UNSUPPORTED', `XGBoost's objective '${name}' has no counterpart here`)
  return known
}

function outputCountOf(modelParam: Fields): number {
  const targets = numberAt(modelParam, 'num_target', 'learner_model_param', 1)
  if (targets > 1) throw new FivefoldError('MODEL_UNSUPPORTED', `the model predicts ${targets} targets at once`)
  return Math.max(1, numberAt(modelParam, 'num_class', 'learner_model_param', 0))
}

/** Before 3.1 one number, later a list of one, or of one a class. */
function baseScoresOf(modelParam: Fields, outputCount: number): number[] {
  const text = textAt(modelParam, 'base_score', 'learner_model_param')
  const scores = text
    .replace(/^\[|\]$/g, '')
    .split(',')
    .map(Number)
  if (scores.length !== 1 && scores.length !== outputCount)
    throw new FivefoldError('MODEL_UNREADABLE', `base_score has ${scores.length} values for ${outputCount} outputs`)
  if (outputCount > 65_535) throw new FivefoldError('MODEL_UNREADABLE', `the model has ${outputCount} classes`)
  return scores.length === outputCount ? scores : Array.from({ length: outputCount }, () => scores[0]!)
}

function featureNamesOf(learner: Fields, featureCount: number): readonly string[] {
  const names = textsAt(learner, 'feature_names', LEARNER, true)
  if (names.length === 0 && featureCount <= MAX_FEATURES) return Array.from({ length: featureCount }, (_, i) => `f${i}`)
  if (names.length !== featureCount)
    throw new FivefoldError('MODEL_UNREADABLE', `${names.length} feature names for ${featureCount} features`)
  return names
}

/** What dart multiplies each tree with. */
function weightsOf(booster: Fields): ArrayLike<number> | undefined {
  return 'weight_drop' in booster ? numbersAt(booster, 'weight_drop', 'gradient_booster') : undefined
}

function readTrees(model: Fields, weights: ArrayLike<number> | undefined): DraftTree[] {
  const list = listAt(model, 'trees', 'model')
  const outputs = numbersAt(model, 'tree_info', 'model', list.length)
  if (weights !== undefined && weights.length !== list.length)
    throw new FivefoldError('MODEL_UNREADABLE', `${weights.length} weights for ${list.length} trees`)
  return list.map((tree, i) => {
    const output = outputs[i]!
    if (!Number.isInteger(output) || output < 0) throw new FivefoldError('MODEL_UNREADABLE', `tree_info ${output}`)
    return { root: readXgboostTree(asFields(tree, `tree ${i}`), `tree ${i}`, weights?.[i] ?? 1), output }
  })
}

/** Class names that an export from here left; XGBoost has none of its own. */
function classesOf(learner: Fields): readonly string[] | undefined {
  const text = attributesOf(learner).fivefold_classes
  if (typeof text !== 'string') return undefined
  const classes: unknown = parseJson(text, 'XGBoost')
  return Array.isArray(classes) && classes.every((name) => typeof name === 'string') ? classes : undefined
}

/** Early stopping leaves the best iteration, counted from 0. */
function bestRoundOf(learner: Fields): number | undefined {
  const best = Number(attributesOf(learner).best_iteration)
  return Number.isInteger(best) && best >= 0 ? best + 1 : undefined
}

function attributesOf(learner: Fields): Fields {
  return 'attributes' in learner ? fieldsAt(learner, 'attributes', LEARNER) : {}
}
