import { FivefoldError } from '../../../../core/index.ts'
import type { ObjectiveName } from '../../loss/objective.ts'
import type { BoostingModel } from '../../model/model.ts'
import type { BoostingParams } from '../../parameters.ts'
import { MAX_FEATURES, modelFromDraft } from '../draft/draft-model.ts'
import { parseJson } from '../draft/fields.ts'
import { unfoldBase } from '../draft/unfold-base.ts'
import { type ModelText, parseModelText, wholeNumberAt } from './model-text.ts'
import { lightgbmObjective } from './objectives.ts'
import { readLightgbmTree } from './read-lightgbm-tree.ts'

/**
 * A model of LightGBM (2 to 4) from the text that `save_model` and `model_to_string` write. Thresholds, doubles there, are
 * rounded down to float32, which is exact for float32 features; leaf values to float32. The average that boosting started
 * from, which LightGBM keeps in the first tree, becomes the base score again. Category codes are those of training, for data
 * frames the numbers of the categories.
 *
 * @throws MODEL_UNREADABLE where the file is damaged
 * @throws MODEL_UNSUPPORTED for linear trees and for objectives that have no counterpart
 */
export function boostingModelFromLightgbm(file: Uint8Array | string): BoostingModel {
  const text = parseModelText(typeof file === 'string' ? file : new TextDecoder().decode(file))
  const { header, trees } = text
  const { objective, sigmoid } = lightgbmObjective(header.get('objective') ?? '')
  const outputCount = wholeNumberAt(header, 'num_tree_per_iteration', 1)
  if (outputCount < 1 || trees.length % outputCount !== 0)
    throw new FivefoldError('MODEL_UNREADABLE', `${trees.length} trees for ${outputCount} outputs`)
  const rounds = trees.length / outputCount
  const scale = header.has('average_output') ? sigmoid / rounds : sigmoid
  const drafts = trees.map((tree, i) => ({
    root: readLightgbmTree(tree, `tree ${i}`, scale),
    output: i % outputCount,
  }))
  return modelFromDraft({
    featureNames: featureNamesOf(text),
    categorical: categoricalFeaturesOf(text),
    objective,
    classes: classesOf(text),
    ...unfoldBase(drafts, outputCount),
    treesPerRound: outputCount,
    params: paramsOf(text, objective),
  })
}

function featureNamesOf({ header }: ModelText): string[] {
  const count = wholeNumberAt(header, 'max_feature_idx') + 1
  const names = (header.get('feature_names') ?? '').split(' ').filter((name) => name !== '')
  if (count > MAX_FEATURES || names.length !== count)
    throw new FivefoldError('MODEL_UNREADABLE', `${names.length} feature names for ${count} features`)
  return names
}

/** A range `[low:high]` stands for a number, `3:0:7` for categories, `none` for a constant. */
function categoricalFeaturesOf({ header }: ModelText): number[] {
  const infos = (header.get('feature_infos') ?? '').split(' ')
  return infos.flatMap((info, feature) => (/^-?\d+(:-?\d+)*$/.test(info) ? [feature] : []))
}

/** Class names that an export from here left; LightGBM has none of its own. */
function classesOf({ header }: ModelText): string[] | undefined {
  const text = header.get('fivefold_classes')
  if (text === undefined) return undefined
  const classes: unknown = parseJson(decoded(text), 'LightGBM')
  return Array.isArray(classes) && classes.every((name) => typeof name === 'string') ? classes : undefined
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new FivefoldError('MODEL_UNREADABLE', 'fivefold_classes is not percent-encoded', { cause })
  }
}

function paramsOf({ parameters }: ModelText, objective: ObjectiveName): Partial<BoostingParams> {
  const names: Record<string, keyof BoostingParams> = {
    learning_rate: 'learningRate',
    num_leaves: 'maxLeaves',
    min_data_in_leaf: 'minLeafRows',
    min_sum_hessian_in_leaf: 'minLeafWeight',
    lambda_l1: 'l1',
    lambda_l2: 'l2',
    min_gain_to_split: 'minGain',
    max_bin: 'maxBins',
    feature_fraction: 'columnSample',
    early_stopping_round: 'earlyStoppingRounds',
    feature_fraction_bynode: 'columnSampleByNode',
    tweedie_variance_power: 'tweediePower',
    lambdarank_truncation_level: 'rankingTruncation',
    max_cat_threshold: 'maxSplitCategories',
    cat_smooth: 'categorySmoothing',
    cat_l2: 'categoryL2',
    min_data_per_group: 'minCategoryRows',
  }
  const known = Object.entries(names).flatMap(([theirs, ours]) =>
    parameters.has(theirs) ? [[ours, Number(parameters.get(theirs))] as const] : [],
  )
  // One parameter for the share of quantile and for the delta of huber.
  const alpha = parameters.has('alpha') ? Number(parameters.get('alpha')) : undefined
  const samples = Number(parameters.get('bagging_freq') ?? 0) > 0 && parameters.has('bagging_fraction')
  return {
    ...Object.fromEntries(known),
    ...(parameters.has('max_depth') ? { maxDepth: Math.max(0, Number(parameters.get('max_depth'))) } : {}),
    ...(alpha !== undefined && objective === 'quantile' ? { quantile: alpha } : {}),
    ...(alpha !== undefined && objective === 'huber' ? { huberDelta: alpha } : {}),
    ...(samples ? { rowSample: Number(parameters.get('bagging_fraction')) } : {}),
  }
}
