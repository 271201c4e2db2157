import { FivefoldError } from '../../../../core/index.ts'
import type { ObjectiveName } from '../../loss/objective.ts'
import type { BoostingModel } from '../../model/model.ts'
import type { BoostingParams } from '../../parameters.ts'
import { modelFromDraft } from '../draft/draft-model.ts'
import type { DraftTree } from '../draft/draft-tree.ts'
import { asFields, type Fields, fieldsAt, listAt, numbersAt, parseJson, textAt } from '../draft/fields.ts'
import { readFeatures } from './features.ts'
import { CATBOOST_LOSSES } from './objectives.ts'
import { readNestedTree, readObliviousTree } from './read-catboost-tree.ts'

/**
 * A model of CatBoost (1.x) from what `save_model(path, format='json', pool=...)` wrote: trees of any growth over numbers, and
 * over categories that are numbers 0, 1, 2, ... and split one against the rest. Trees of several classes become one a class.
 *
 * @throws MODEL_UNREADABLE where the file is damaged
 * @throws MODEL_UNSUPPORTED for statistics of categories (CTR), text, embeddings, and losses that have no counterpart
 */
export function boostingModelFromCatboost(file: Uint8Array | string): BoostingModel {
  const text = typeof file === 'string' ? file : new TextDecoder().decode(file)
  const root = asFields(parseJson(text, 'CatBoost'), 'the file')
  const info = fieldsAt(root, 'model_info', 'the file')
  const params = fieldsAt(info, 'params', 'model_info')
  const objective = objectiveOf(params)
  const features = readFeatures(fieldsAt(root, 'features_info', 'the file'))
  const { scale, biases } = scaleAndBiasOf(root)
  const shape = { outputCount: biases.length, scale }
  const nested = 'trees' in root
  const trees = listAt(root, nested ? 'trees' : 'oblivious_trees', 'the file').flatMap((item, i): DraftTree[] => {
    const path = `tree ${i}`
    const tree = asFields(item, path)
    const drafts = (nested ? readNestedTree : readObliviousTree)(tree, path, features, shape)
    return drafts.map((draft, output) => ({ root: draft, output }))
  })
  return modelFromDraft({
    featureNames: features.names,
    objective,
    classes: classesOf(info),
    baseScores: biases,
    trees,
    treesPerRound: biases.length,
    params: paramsOf(params, objective),
  })
}

function objectiveOf(params: Fields): ObjectiveName {
  const type = textAt(fieldsAt(params, 'loss_function', 'params'), 'type', 'loss_function')
  const objective = Object.hasOwn(CATBOOST_LOSSES, type) ? CATBOOST_LOSSES[type] : undefined
  if (objective !== undefined) return objective
  throw new FivefoldError('MODEL_UNSUPPORTED', `CatBoost's loss '${type}' has no counterpart here`)
}

/** `[scale, [bias of each output]]`; before 1.0 `[scale, bias]`. */
function scaleAndBiasOf(root: Fields): { scale: number; biases: number[] } {
  const [scale, bias] = listAt(root, 'scale_and_bias', 'the file')
  const biases = Array.from(numbersAt({ bias: Array.isArray(bias) ? bias : [bias] }, 'bias', 'scale_and_bias'))
  if (typeof scale !== 'number' || biases.length < 1 || biases.length > 65_535)
    throw new FivefoldError('MODEL_UNREADABLE', 'scale_and_bias is not a factor and a number for each output')
  return { scale, biases }
}

function classesOf(info: Fields): string[] | undefined {
  const { class_params: classes } = info
  if (typeof classes !== 'object' || classes === null) return undefined
  return listAt(classes as Fields, 'class_names', 'class_params', true).map(String)
}

/** By the paths of ours: sections and names of CatBoost's. */
const PARAMETERS: Readonly<Partial<Record<keyof BoostingParams, readonly [string, string]>>> = {
  learningRate: ['boosting_options', 'learning_rate'],
  maxDepth: ['tree_learner_options', 'depth'],
  l2: ['tree_learner_options', 'l2_leaf_reg'],
  minLeafRows: ['tree_learner_options', 'min_data_in_leaf'],
  columnSampleByLevel: ['tree_learner_options', 'rsm'],
}

function paramsOf(params: Fields, objective: ObjectiveName): Partial<BoostingParams> {
  const entries = Object.entries(PARAMETERS).flatMap(([ours, [section, theirs]]) => {
    const fields = params[section]
    const value = typeof fields === 'object' && fields !== null ? (fields as Fields)[theirs] : undefined
    return typeof value === 'number' ? [[ours, value] as const] : []
  })
  const loss = fieldsAt(params, 'loss_function', 'params')
  const settings = typeof loss.params === 'object' && loss.params !== null ? (loss.params as Fields) : {}
  const names: Partial<Record<ObjectiveName, readonly [string, keyof BoostingParams]>> = {
    quantile: ['alpha', 'quantile'],
    huber: ['delta', 'huberDelta'],
    tweedie: ['variance_power', 'tweediePower'],
  }
  const name = names[objective]
  return { ...Object.fromEntries(entries), ...(name ? { [name[1]]: Number(settings[name[0]]) } : {}) }
}
