import type { Predictions } from '../../../data/index.ts'

/** An objective of the caller's: it says how the loss changes with each score. */
export interface CustomObjective {
  /**
   * Writes the first and second derivative of the loss of each row by its score; second derivatives are not negative.
   * Called once a round, in the caller's thread, while training waits. Rows come in the order of the training data;
   * weights, where there are any, are to be multiplied in.
   */
  gradients(rows: {
    readonly scores: Float32Array
    readonly targets: Float32Array
    readonly weights: Float32Array | undefined
    readonly gradients: Float32Array
    readonly hessians: Float32Array
  }): void
}

/** A metric of the caller's that early stopping follows; called once a round with the validation rows. */
export interface CustomMetric {
  readonly higherIsBetter: boolean
  measure(predictions: Predictions): number
}

/** The caller's own functions. They run in the caller's thread, since functions do not travel to others. */
export interface CallerFunctions {
  readonly objective?: CustomObjective
  readonly metric?: CustomMetric
}
