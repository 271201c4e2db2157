/** What a round of training came to. */
export interface RoundReport {
  /** Counted from 1. */
  readonly round: number
  /** Undefined for a custom objective, whose loss is not known. */
  readonly trainLoss: number | undefined
  readonly validationLoss: number | undefined
  /** The metric of the validation rows that early stopping follows, where that is not the loss. */
  readonly validationMetric: number | undefined
}
