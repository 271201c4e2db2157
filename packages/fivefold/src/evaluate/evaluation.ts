import type {
  CalibrationCurve,
  MetricName,
  MetricValue,
  MetricValues,
  PairedComparison,
  PrPoint,
  RocPoint,
} from '../metrics/index.ts'
import type { RowName } from './row-names.ts'

/** How the figures were come by; printed beside them wherever they are shown. */
export interface Protocol {
  /** How test rows were chosen, such as 'random, stratified, 20%' or 'file test.csv'. */
  readonly split: string
  /** Test rows. */
  readonly rows: number
  readonly trainRows: number
  readonly seed: number
}

/** What a model does on rows that it was not fitted on. Plain JSON: no NaN, no typed arrays, no clock. */
export interface Evaluation {
  readonly formatVersion: 1
  readonly task: 'classification' | 'regression'
  readonly target: string
  /** The metric that decides. */
  readonly metric: MetricName
  readonly classes: readonly string[]
  /** Probability from which the second of two classes is predicted. */
  readonly threshold?: number
  readonly protocol: Protocol
  /** With 95% intervals. A metric that the test rows do not define is absent. */
  readonly metrics: MetricValues
  /** How each interval was made. */
  readonly methods: Partial<Record<MetricName, string>>
  readonly baseline: MetricValues
  /** Model minus baseline on the same rows. */
  readonly comparison: Partial<Record<MetricName, PairedComparison>>
  readonly verdict: Verdict
  readonly criteria: readonly CriterionResult[]
  readonly classification?: ClassificationDetail
  readonly regression?: RegressionDetail
  /** The column whose values are the ids of rows; absent where none names them. */
  readonly idColumn?: string
  readonly slices: SliceSearch
  readonly groups: readonly ProtectedGroups[]
  /** What a reader must know to read the figures right. */
  readonly notes: readonly string[]
}

export interface Verdict {
  /** On the deciding metric: the interval of the difference lies on one side of 0, or spans it. */
  readonly againstBaseline: 'better' | 'worse' | 'indistinguishable' | 'undefined'
  /** Whether every criterion is met; absent where there is none. */
  readonly criteriaMet?: boolean
}

export interface CriterionResult {
  readonly metric: MetricName
  readonly at_least?: number
  readonly at_most?: number
  /** Absent where the test rows do not define the metric; the criterion is not met then. */
  readonly value?: MetricValue
  readonly met: boolean
  /** The interval spans the limit: another test sample might say otherwise. */
  readonly uncertain: boolean
}

export interface ClassificationDetail {
  /** Rows by actual class, then by predicted class, in the order of `classes`. */
  readonly confusion: readonly (readonly number[])[]
  readonly perClass: readonly ClassResult[]
  /** The positive class for two classes; each of the most frequent against the rest for more. */
  readonly curves: readonly ClassCurves[]
  readonly largestErrors: readonly ClassificationError[]
}

export interface ClassResult {
  readonly name: string
  readonly rows: number
  readonly precision?: MetricValue
  readonly recall?: MetricValue
  readonly f1?: MetricValue
}

export interface ClassCurves {
  readonly name: string
  readonly roc: readonly RocPoint[]
  readonly pr: readonly PrPoint[]
  readonly calibration: CalibrationCurve
}

export interface ClassificationError extends RowName {
  /** Position among the test rows, from 0. */
  readonly row: number
  readonly actual: string
  readonly predicted: string
  /** Given to the actual class. */
  readonly probability: number
}

export interface RegressionDetail {
  /** Mean of actual minus predicted. */
  readonly bias: MetricValue
  /** Of actual minus predicted. */
  readonly residualQuantiles: readonly { readonly probability: number; readonly value: number }[]
  readonly residualHistogram: readonly { readonly low: number; readonly high: number; readonly rows: number }[]
  /** Bins of equally many rows by predicted value. */
  readonly byPredicted: readonly PredictedBin[]
  /** An even sample of rows for drawing. */
  readonly points: readonly { readonly actual: number; readonly predicted: number }[]
  readonly largestErrors: readonly RegressionError[]
}

export interface PredictedBin {
  readonly predicted: number
  readonly actual: number
  readonly rows: number
  /** Of actual minus predicted. */
  readonly residualLow: number
  readonly residualMedian: number
  readonly residualHigh: number
}

export interface RegressionError extends RowName {
  /** Position among the test rows, from 0. */
  readonly row: number
  readonly actual: number
  readonly predicted: number
}

/** Parts of the data on which the model is worse than elsewhere, beyond chance. */
export interface SliceSearch {
  /** The loss by which slices were sought. */
  readonly loss: 'error rate' | 'log loss' | 'absolute error' | 'squared error'
  /** Slices that were large enough to test; the false discovery rate is controlled over all of them. */
  readonly tested: number
  readonly minRows: number
  readonly falseDiscoveryRate: number
  readonly overallLoss: number
  /** Worst first. */
  readonly found: readonly Slice[]
}

export interface Slice {
  /** One or two. */
  readonly conditions: readonly SliceCondition[]
  readonly rows: number
  readonly meanLoss: number
  /** Mean loss of the slice minus that of all other rows, in standard deviations of the loss. */
  readonly effectSize: number
  /** One-sided, after Benjamini and Hochberg. */
  readonly adjustedPValue: number
  /** The deciding metric on the slice, where its rows define it. */
  readonly metric?: MetricValue
}

export interface SliceCondition {
  readonly column: string
  /** 'sex = Female', '17 <= age < 25', 'income is missing'. */
  readonly text: string
}

/** One protected column. */
export interface ProtectedGroups {
  readonly column: string
  readonly groups: readonly GroupResult[]
  /** Differences of each group from the largest one. */
  readonly gaps: readonly GroupGap[]
}

export type GroupMeasure =
  | 'selectionRate'
  | 'truePositiveRate'
  | 'falsePositiveRate'
  | 'precision'
  | 'accuracy'
  | 'meanError'
  | 'meanAbsoluteError'

export interface GroupResult {
  readonly name: string
  readonly rows: number
  /** Two classes: share of positive rows. Numbers: mean of the actual values. */
  readonly actual?: number
  /** The deciding metric, where the group's rows define it. */
  readonly metric?: MetricValue
  /** Rates of the group, where its rows define them. */
  readonly rates: Partial<Record<GroupMeasure, MetricValue>>
}

export interface GroupGap {
  readonly measure: GroupMeasure
  readonly group: string
  readonly reference: string
  /** Group minus reference, with its 95% interval. */
  readonly difference: MetricValue
  /** Group over reference: for the selection rate, below 0.8 is the four-fifths rule's mark. Absent where the reference is 0. */
  readonly ratio?: number
  /** Two-sided, after Benjamini and Hochberg over the gaps of the column. */
  readonly adjustedPValue: number
}
