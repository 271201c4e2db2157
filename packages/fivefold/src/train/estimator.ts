import type { Context } from '../core/index.ts'
import type { FeatureMatrix, Predictions, Target } from '../data/index.ts'
import type { GraphBuilder, ValueRef } from '../onnx/index.ts'
import type { Problem } from '../problem/index.ts'

export interface LabelledMatrix {
  readonly features: FeatureMatrix
  readonly target: Target
}

export interface FitData extends LabelledMatrix {
  /** Rows that no weight is learned from; for early stopping. */
  readonly validation?: LabelledMatrix
}

export interface FeatureImportance {
  readonly name: string
  /** Share of the whole, in [0, 1]. */
  readonly share: number
}

/** A trained model over a feature matrix. What is not fitted is an `Estimator`, another type. */
export interface FittedEstimator {
  readonly estimator: string
  /** Every parameter that was in force, defaults included. */
  readonly params: Readonly<Record<string, unknown>>
  /** Rounds of a staged model; what a refit on all rows should use. */
  readonly rounds?: number
  predict(features: FeatureMatrix): Predictions | Promise<Predictions>
  /** Adds the model to a graph. `matrix` is float [N, F]; the result float [N, classes] probabilities or [N, 1] predictions. */
  compile(builder: GraphBuilder, matrix: ValueRef): ValueRef
  importance(): readonly FeatureImportance[]
}

/** One way to learn from a feature matrix. */
export interface Estimator {
  /** Unique on a leaderboard. */
  readonly name: string
  readonly tasks: readonly Problem['task'][]
  /** Which feature plan it is trained on: trees split raw numbers, linear models need them scaled and complete. */
  readonly features: 'tree' | 'linear'
  fit(data: FitData, context: Context): Promise<FittedEstimator>
  /** The same estimator with its length fixed, for the refit on all training rows, where no validation rows are left. */
  withRounds?(rounds: number): Estimator
}

/** Declares an estimator of one's own; it is passed to `trainModel` beside the built-in ones. */
export function defineEstimator(estimator: Estimator): Estimator {
  return estimator
}
