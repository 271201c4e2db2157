import type { SemanticType } from '../../data/index.ts'
import type { MetricName, MetricValue } from '../../metrics/index.ts'

/** What of a column, of the predictions or of the whole table a test looks at. */
export type DriftAspect =
  | 'missing'
  | 'values'
  | 'unseen'
  | 'length'
  | 'vocabulary'
  | 'score'
  | 'label'
  | 'error'
  | 'jointly'

export type DriftMethod =
  | 'exact hypergeometric'
  | 'chi-square'
  | 'chi-square, Monte Carlo'
  | 'Kolmogorov-Smirnov'
  | 'Kolmogorov-Smirnov, Monte Carlo'
  | 'permutation'
  | 'domain classifier'

/**
 * What an effect is measured in, each between 0 and 1.
 * `ksDistance`: largest gap between the two distribution functions. `totalVariation`: share of rows that would have to
 * change category. `missingShare`, `unseenShare`: difference of shares. `aucExcess`: 2 AUC - 1 of a classifier that
 * tells reference from current.
 */
export type EffectUnit = 'ksDistance' | 'totalVariation' | 'missingShare' | 'unseenShare' | 'aucExcess'

/** One hypothesis: reference and current rows come from the same distribution, as far as this aspect goes. */
export interface DriftTest {
  readonly subject: string
  readonly aspect: DriftAspect
  readonly method: DriftMethod
  readonly statistic: number
  readonly pValue: number
  /** After Benjamini-Hochberg over all tests of the report; significant where it is at most `falseAlarmRate`. */
  readonly adjustedPValue: number
  readonly significant: boolean
  readonly effectUnit: EffectUnit
  /** As measured. Even without drift it is above zero: sampling alone gives about `effectOfSampling`. */
  readonly effect: number
  readonly effectOfSampling: number
  /** What is left of the effect when sampling is taken off in quadrature; compared with `floor`. */
  readonly effectBeyondSampling: number
  /** The larger of the smallest effect worth an alarm and of what chunks of the reference show among themselves. */
  readonly floor: number
  /** Effect beyond sampling that this test finds with power 0.8 at these sizes; null where even the largest is missed. */
  readonly minimumDetectableEffect: number | null
  /** Significant, and larger than the floor. */
  readonly alarm: boolean
}

/** Counts of one side in the bins or categories of the other; for charts. */
export interface DriftHistogram {
  readonly labels: readonly string[]
  /** Ends of the bins of numbers, one more than there are labels; rows beyond them are counted in the outer bins. */
  readonly edges?: readonly number[]
  readonly reference: readonly number[]
  readonly current: readonly number[]
}

/** Descriptive distances. They decide nothing: what counts as large depends on both sample sizes. */
export interface DriftDistances {
  /** Population stability index over reference deciles or categories. */
  readonly populationStabilityIndex?: number
  /** Wasserstein-1 distance in standard deviations of the reference. */
  readonly wassersteinInReferenceSd?: number
  /** Jensen-Shannon distance, base 2, in [0, 1]. */
  readonly jensenShannonDistance?: number
}

export interface ColumnDrift {
  readonly column: string
  readonly type: SemanticType | 'prediction'
  readonly alarm: boolean
  readonly missingShare: { readonly reference: number; readonly current: number }
  /** Smallest and largest value of numbers, booleans and datetimes (epoch milliseconds). */
  readonly range?: { readonly reference: readonly [number, number]; readonly current: readonly [number, number] }
  /** Categories or words of the current rows that the reference lacks, the most frequent first, at most 20. */
  readonly unseen?: readonly { readonly value: string; readonly rows: number }[]
  readonly distances: DriftDistances
  readonly histogram?: DriftHistogram
  readonly tests: readonly DriftTest[]
  /** Why a column has no test of its values. */
  readonly note?: string
}

/** What the model's performance on the current rows is, as far as it can be known. */
export interface PerformanceDrift {
  /** On the reference rows, where their labels are given. */
  readonly reference?: Partial<Record<MetricName, MetricValue>>
  /**
   * Without labels, from the model's own calibrated probabilities (CBPE). Sees covariate drift; blind to a changed
   * relation between columns and target.
   */
  readonly estimated?: Partial<Record<'accuracy' | 'rocAuc', MetricValue>>
  /** How the probabilities were calibrated before they were believed. */
  readonly calibration?: 'isotonic on the reference' | 'none: reference labels are not given'
  /** On the current rows, where their labels are given. */
  readonly realized?: Partial<Record<MetricName, MetricValue>>
}

/** Plain JSON: it can be stored and compared. */
export interface DriftReport {
  readonly format: 'fivefold.drift/1'
  /** Whether anything raised an alarm. */
  readonly drift: boolean
  /**
   * Upper bound of the probability that a report raises any alarm when nothing has changed; with drift in some columns,
   * of the expected share of false ones among the alarms.
   */
  readonly falseAlarmRate: number
  readonly procedure: string
  readonly rows: { readonly reference: number; readonly current: number }
  /** Whether the reference was cut into consecutive chunks to see how much it varies by itself, and into how many. */
  readonly referenceChunks: number
  readonly seed: number
  readonly columns: readonly ColumnDrift[]
  /** Scores, labels and, where labels are given, errors. */
  readonly predictions: readonly ColumnDrift[]
  /** All columns together: a classifier that tells reference rows from current ones. */
  readonly jointly?: DriftTest
  readonly performance?: PerformanceDrift
}
