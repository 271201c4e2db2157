import { z } from 'zod'

/** Parts that `calendar` takes from a date, UTC. Weekdays count from Monday = 0, days of the year from 1. */
export const CALENDAR_PARTS = [
  'year',
  'month',
  'dayOfMonth',
  'weekday',
  'hour',
  'minute',
  'dayOfYear',
  'timeOfDaySin',
  'timeOfDayCos',
  'weekdaySin',
  'weekdayCos',
  'dayOfYearSin',
  'dayOfYearCos',
  'elapsedDays',
] as const
export type CalendarPart = (typeof CALENDAR_PARTS)[number]

/** The number as it is; missing stays NaN, which trees route on their own. */
const passNumber = z.strictObject({ kind: z.literal('passNumber') })

/** Fills missing numbers; `indicator` adds a feature that is 1 where the number was missing. */
const imputeNumber = z.strictObject({
  kind: z.literal('imputeNumber'),
  strategy: z.enum(['median', 'mean', 'constant']).default('median'),
  /** The filler of strategy `constant`. */
  value: z.number().default(0),
  indicator: z.boolean().default(true),
})

/** (x - mean) / standard deviation over the training rows, limited to ±1e6. */
const standardScale = z.strictObject({ kind: z.literal('standardScale') })

/** sign(x) * ln(1 + |x|). */
const log = z.strictObject({ kind: z.literal('log') })

/** Maps to the uniform distribution on [0, 1]: linear between that many quantiles of the training rows. */
const quantile = z.strictObject({ kind: z.literal('quantile'), knots: z.int().min(2).max(1000).default(100) })

/** One 0/1 feature for each of the most frequent levels, and for missing where it was seen. */
const oneHot = z.strictObject({
  kind: z.literal('oneHot'),
  maxLevels: z.int().min(1).max(5000).default(60),
  /** Levels with fewer training rows count as other. */
  minCount: z.int().min(1).default(1),
  /** Rare and unseen levels: all zeros, or a feature of their own. */
  other: z.enum(['zeros', 'column']).default('zeros'),
})

/** Rank by frequency in the training rows, 0 for the most frequent; missing and unseen are NaN or -1. */
const ordinal = z.strictObject({ kind: z.literal('ordinal'), unknown: z.enum(['nan', 'minusOne']).default('nan') })

/**
 * Mean of the target within the level, shrunk to the overall mean: (sum + smoothing * mean) / (count + smoothing).
 * K classes give K-1 features. Training rows get the value computed without their own fold
 * (Micci-Barreca, 2001; cross-fitting as in scikit-learn's TargetEncoder).
 */
const targetEncoding = z.strictObject({
  kind: z.literal('targetEncoding'),
  smoothing: z.number().min(0).default(10),
  folds: z.int().min(2).max(20).default(5),
})

/** 0/1 features by hash of the text (MurmurHash3); levels need not be known. */
const hashing = z.strictObject({
  kind: z.literal('hashing'),
  buckets: z.int().min(2).max(4096).default(64),
  seed: z.int().min(0).max(0x7fffffff).default(0),
})

const calendar = z.strictObject({
  kind: z.literal('calendar'),
  parts: z.array(z.enum(CALENDAR_PARTS)).min(1),
  /** Centre and scale each part by the training rows and put missing at 0; for linear models. */
  standardise: z.boolean().default(false),
})

/** Counts of words and word pairs times inverse document frequency, rows scaled to length 1; upper and lower case are one. */
const wordTfidf = z.strictObject({
  kind: z.literal('wordTfidf'),
  maxGram: z.union([z.literal(1), z.literal(2)]).default(2),
  minDocuments: z.int().min(1).default(2),
  maxFeatures: z.int().min(1).max(50_000).default(300),
})

/** Counts of words and word pairs by hash, rows scaled to length 1; upper and lower case differ. */
const wordHashing = z.strictObject({
  kind: z.literal('wordHashing'),
  maxGram: z.union([z.literal(1), z.literal(2)]).default(1),
  buckets: z.int().min(2).max(16_384).default(256),
})

/** A transform made with `defineTransform`, by its name. */
const custom = z.strictObject({
  kind: z.literal('custom'),
  name: z.string().min(1),
  options: z.record(z.string(), z.unknown()).default({}),
})

export const featureStepSchema = z.discriminatedUnion('kind', [
  passNumber,
  imputeNumber,
  standardScale,
  log,
  quantile,
  oneHot,
  ordinal,
  targetEncoding,
  hashing,
  calendar,
  wordTfidf,
  wordHashing,
  custom,
])

/**
 * One step from a raw column to features. The numeric steps of a column (passNumber, imputeNumber, standardScale, log,
 * quantile) form one chain, in their order; every other step makes features of its own from the raw column.
 */
export type FeatureStep = z.input<typeof featureStepSchema>

/** A step with its defaults filled in. */
export type ResolvedStep = z.output<typeof featureStepSchema>

const numericStepSchema = z.discriminatedUnion('kind', [passNumber, imputeNumber, standardScale, log, quantile])
export type NumericStep = z.output<typeof numericStepSchema>

const NUMERIC_KINDS = new Set(['passNumber', 'imputeNumber', 'standardScale', 'log', 'quantile'])
export const isNumericStep = (step: ResolvedStep): step is NumericStep => NUMERIC_KINDS.has(step.kind)

export const stepSchemas = {
  oneHot,
  ordinal,
  targetEncoding,
  hashing,
  calendar,
  wordTfidf,
  wordHashing,
  number: z.strictObject({ kind: z.literal('number'), steps: z.array(numericStepSchema).min(1) }),
  missingIndicator: z.strictObject({ kind: z.literal('missingIndicator') }),
}
