import type { Context } from '../core/index.ts'
import { type Frame, type Schema, type Target, takeRows, takeTargetRows } from '../data/index.ts'
import {
  type FeatureOverrides,
  type FittedFeatures,
  fitFeatures,
  frameStatistics,
  planFeatures,
} from '../prepare/index.ts'
import type { Estimator, LabelledMatrix } from './estimator.ts'

/** Rows that a candidate learns from and rows that it is judged on; numbers index the training frame. */
export interface Fold {
  readonly train: Uint32Array
  readonly validation: Uint32Array
}

export interface TrainingRows {
  readonly frame: Frame
  readonly schema: Schema
  readonly target: Target
  readonly targetName: string
  readonly drop: readonly string[]
  readonly featureOverrides?: FeatureOverrides
  /** The rows to come are later than all of these: elapsed time is no feature then. */
  readonly timeSplit?: boolean
}

export interface PreparedRows extends LabelledMatrix {
  readonly fitted: FittedFeatures
}

/** Fits the features of a family on the given rows, and nothing else. */
export async function prepareRows(
  rows: TrainingRows,
  family: Estimator['features'],
  context: Context,
): Promise<PreparedRows> {
  const { frame, schema, target } = rows
  const plan = planFeatures(schema, {
    target: rows.targetName,
    drop: rows.drop,
    family,
    statistics: frameStatistics(frame),
    timeSplit: rows.timeSplit ?? false,
    ...(rows.featureOverrides && { overrides: rows.featureOverrides }),
  })
  const { fitted, training } = await fitFeatures(plan, frame, schema, target, context)
  return { fitted, features: training, target }
}

/** One fold with features fitted on its training part alone, so that nothing of the validation rows leaks in. */
export async function prepareFold(
  rows: TrainingRows,
  fold: Fold,
  family: Estimator['features'],
  context: Context,
): Promise<{ train: PreparedRows; validation: LabelledMatrix }> {
  const part = { ...rows, frame: takeRows(rows.frame, fold.train), target: takeTargetRows(rows.target, fold.train) }
  const train = await prepareRows(part, family, context)
  const features = train.fitted.transform(takeRows(rows.frame, fold.validation))
  return { train, validation: { features, target: takeTargetRows(rows.target, fold.validation) } }
}
