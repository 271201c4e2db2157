import type { SemanticType } from '../data/index.ts'

/**
 * What is in a table: plain JSON. Counts, sums and frequent values are exact over all rows; whatever compares columns with
 * each other is measured on a seeded sample, whose size stands beside it. `null` is: not defined for these values.
 */
export interface Profile {
  readonly formatVersion: 1
  readonly location: string
  readonly rows: number
  readonly target: string | null
  readonly time: string | null
  readonly protectedColumns: readonly string[]
  readonly seed: number
  /** Rows that column comparisons were measured on. */
  readonly sampleRows: number
  readonly columns: readonly ColumnProfile[]
  readonly missingness: Missingness
  readonly associations: Associations
  readonly duplicates: Duplicates
  readonly targetProfile: TargetProfile | null
  readonly leakage: readonly LeakageSuspect[]
  readonly drift: Drift
  readonly personalData: readonly PersonalDataSuspect[]
  readonly groups: readonly GroupProfile[]
  /** Most severe first. */
  readonly issues: readonly QualityIssue[]
}

export interface ColumnProfile {
  readonly name: string
  readonly type: SemanticType
  /** Why the type was chosen. */
  readonly evidence: string
  readonly present: number
  readonly missing: number
  readonly distinct: number
  /** Distinct values are estimated (HyperLogLog, within some percent) in large tables. */
  readonly distinctApproximate: boolean
  /** Values are personal data: none are shown, here and in every table and chart. */
  readonly masked: boolean
  readonly numeric: NumericSummary | null
  readonly text: TextSummary | null
  readonly histogram: Histogram | null
  /** Most frequent first; none where values hardly repeat. */
  readonly topValues: readonly ValueCount[]
}

/** Times are in epoch milliseconds UTC. */
export interface NumericSummary {
  readonly min: number
  readonly max: number
  readonly mean: number | null
  readonly sd: number | null
  readonly skewness: number | null
  readonly p01: number
  readonly p05: number
  readonly p25: number
  readonly p50: number
  readonly p75: number
  readonly p95: number
  readonly p99: number
  /** Quantiles are estimated (t-digest) in large tables. */
  readonly quantilesApproximate: boolean
  readonly zeros: number
  readonly negatives: number
  readonly outliers: Outliers
}

export interface Outliers {
  /** Values with a robust z-score above 3.5 (Iglewicz and Hoaglin, 1993); null where half the values are the same. */
  readonly byMad: OutlierCount | null
  /** Values farther than 3 interquartile ranges from the quartiles (Tukey, 1977); null where that range is 0. */
  readonly byIqr: OutlierCount | null
}

export interface OutlierCount {
  readonly count: number
  /** Values outside [low, high] are counted. */
  readonly low: number
  readonly high: number
}

export interface TextSummary {
  readonly minLength: number
  readonly meanLength: number
  readonly maxLength: number
}

export interface Histogram {
  readonly from: number
  readonly binWidth: number
  readonly counts: readonly number[]
  /** Values outside the bins, which leave out far tails that would flatten everything else. */
  readonly below: number
  readonly above: number
}

export interface ValueCount {
  readonly value: string
  readonly count: number
}

export interface Missingness {
  /** Columns with missing values, most first. */
  readonly columns: readonly { readonly name: string; readonly missing: number }[]
  /** Sets of columns that are missing in the same rows, most frequent first; counted on the sample. */
  readonly patterns: readonly { readonly columns: readonly string[]; readonly rows: number }[]
  /** Pairs of columns whose gaps go together: phi coefficient of the two indicators. */
  readonly together: readonly { readonly a: string; readonly b: string; readonly phi: number; readonly n: number }[]
  /** Columns whose missingness goes with the target; p-values adjusted for their number (Benjamini-Hochberg). */
  readonly withTarget: readonly MissingWithTarget[]
}

export interface MissingWithTarget {
  readonly column: string
  /** Mean of the target (share of the positive class for two classes), where the column is missing and where not. */
  readonly whenMissing: number | null
  readonly whenPresent: number | null
  readonly pValue: number
  /** Cramér's V for classes, Kolmogorov-Smirnov distance for numbers. */
  readonly effect: number
  readonly n: number
}

export interface Associations {
  /** Strongest first. */
  readonly pairs: readonly AssociationPair[]
  /** Columns that all pairs were measured among. */
  readonly measured: readonly string[]
  readonly n: number
  /** What was left out, where not every pair was measured. */
  readonly note: string | null
  /** Features by their mutual information with the target, most first. */
  readonly withTarget: readonly TargetAssociation[]
}

export interface AssociationPair {
  readonly a: string
  readonly b: string
  /** Two numeric columns have `pearson` and `spearman`, two categories `cramersV`, one of each `correlationRatio`. */
  readonly pearson?: number
  readonly spearman?: number
  readonly cramersV?: number
  readonly correlationRatio?: number
  /** The measure to compare pairs by: Spearman's with its sign, or the one that there is. */
  readonly strength: number
  /** Rows in which both are present. */
  readonly n: number
}

export interface TargetAssociation {
  readonly column: string
  /** In bits, corrected for its bias upwards (Miller and Madow). */
  readonly mutualInformation: number
  /** As a share of the target's entropy. */
  readonly shareOfTarget: number
  /** How well the column alone predicts the target on rows that it was not fitted to: ROC AUC or R². */
  readonly power: number | null
  readonly powerMetric: 'rocAuc' | 'r2'
  readonly n: number
}

export interface Duplicates {
  /** Rows that repeat an earlier row. */
  readonly rows: number
  /** Groups of columns with the same values in every row. */
  readonly columns: readonly (readonly string[])[]
}

export type TargetProfile =
  | {
      readonly kind: 'classes'
      readonly classes: readonly { readonly name: string; readonly count: number; readonly share: number }[]
      readonly missing: number
      /** Most frequent over rarest. */
      readonly imbalance: number
    }
  | { readonly kind: 'number'; readonly missing: number; readonly skewness: number | null; readonly zeros: number }

export interface LeakageSuspect {
  readonly columns: readonly string[]
  readonly kind: 'identity' | 'nearlyPerfect' | 'afterTheFact' | 'farAhead'
  readonly severity: 'bad' | 'warning'
  readonly evidence: string
  readonly n: number
}

export interface Drift {
  /** What the rows were ordered by. */
  readonly order: string
  /** Rows of the first and of the last third. */
  readonly firstRows: number
  readonly lastRows: number
  /** Largest effect first. */
  readonly columns: readonly ColumnDrift[]
  /** The target over consecutive parts of equal size. */
  readonly targetOverTime: readonly TargetPart[]
  /** What `rate` of the parts is. */
  readonly targetMeasure: string | null
}

export interface ColumnDrift {
  readonly column: string
  readonly test: 'kolmogorovSmirnov' | 'chiSquare'
  /** KS distance or Cramér's V. */
  readonly effect: number
  readonly populationStabilityIndex: number
  /** Adjusted for the number of columns (Benjamini-Hochberg). */
  readonly pValue: number
  readonly drifted: boolean
  /** Means or most frequent values of both parts, in words. */
  readonly change: string
}

export interface TargetPart {
  /** Epoch milliseconds of the middle row, or its row number where there is no time. */
  readonly at: number
  readonly rate: number
  readonly low: number
  readonly high: number
  readonly n: number
}

export type PersonalDataKind =
  | 'e-mail address'
  | 'phone number'
  | 'person name'
  | 'payment card number'
  | 'national id'
  | 'IBAN'
  | 'IP address'
  | 'postal address'
  | 'date of birth'

export interface PersonalDataSuspect {
  readonly column: string
  readonly kind: PersonalDataKind
  /** Why, in words; never a value. */
  readonly evidence: string
  /** Share of the looked-at values that match the pattern; null where only the name speaks for it. */
  readonly matching: number | null
  /** One value with letters and digits replaced; null where none was looked at. */
  readonly masked: string | null
}

export interface GroupProfile {
  readonly column: string
  readonly groups: readonly Group[]
  /** What `rate` is: share of a class, or mean of the target; null without a target. */
  readonly rateMeasure: string | null
  /** Lowest over highest rate among groups of at least 30 rows. */
  readonly rateRatio: number | null
}

export interface Group {
  readonly name: string
  readonly rows: number
  readonly share: Interval
  readonly rate: Interval | null
}

export interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
}

export type Severity = 'bad' | 'warning' | 'neutral'

export interface QualityIssue {
  readonly kind: string
  readonly severity: Severity
  readonly columns: readonly string[]
  readonly title: string
  readonly evidence: string
  /** What to do about it. */
  readonly action: string
}
