import type { Problem } from '../problem/index.ts'
import type { Evaluation } from './evaluation.ts'
import type { ColumnSummary } from './summarize-columns.ts'

export interface ModelCardInput {
  readonly name: string
  /** What kind of model, in words: 'gradient boosted trees'. */
  readonly estimator: string
  readonly problem: Problem
  readonly evaluation: Evaluation
  /** Of the training rows; see `summarizeColumns`. */
  readonly columns: readonly ColumnSummary[]
  readonly dataset: {
    readonly name: string
    readonly rows: number
    /** `sha256:...` */
    readonly hash: string
  }
  /** An SPDX identifier in lower case, as the hub writes it. */
  readonly license?: string
  /** What its makers say that it is for. */
  readonly intendedUse?: string
  /** What its makers say that it is not for, besides what was measured. */
  readonly limits?: readonly string[]
}
