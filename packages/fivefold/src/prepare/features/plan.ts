import { z } from 'zod'
import { FivefoldError } from '../../core/index.ts'
import {
  type ColumnSchema,
  type Frame,
  isNumeric,
  type Schema,
  type StringColumn,
  unknownColumns,
} from '../../data/index.ts'
import { DATE_LIMIT_MS, MS_PER_DAY } from './calendar-date.ts'
import { type CalendarPart, type FeatureStep, featureStepSchema } from './step.ts'

/** Which features suit the model: `tree` splits on thresholds and takes NaN, `linear` needs filled and scaled numbers. */
export type ModelFamily = 'tree' | 'linear'

export interface PlannedColumn {
  readonly column: string
  readonly steps: readonly FeatureStep[]
  /** Why these steps. */
  readonly reason: string
}

/** Steps by column name, instead of the planned ones. */
export type FeatureOverrides = Readonly<Record<string, readonly FeatureStep[]>>

/** Which steps each column goes through, and which columns are left out. Serialisable. */
export interface FeaturePlan {
  readonly family: ModelFamily
  readonly columns: readonly PlannedColumn[]
  readonly dropped: readonly { readonly column: string; readonly reason: string }[]
}

export const featurePlanSchema = z.strictObject({
  family: z.enum(['tree', 'linear']),
  columns: z.array(
    z.strictObject({ column: z.string(), steps: z.array(featureStepSchema).min(1), reason: z.string() }),
  ),
  dropped: z.array(z.strictObject({ column: z.string(), reason: z.string() })),
})

export interface PlanOptions {
  readonly target: string
  readonly drop?: readonly string[]
  readonly family: ModelFamily
  /** Figures of the training rows by column name; `frameStatistics` derives them from a frame. */
  readonly statistics: (name: string) => ColumnStatistics
  /** They also bring back columns that would be dropped. */
  readonly overrides?: FeatureOverrides
  /** Test rows come after the training rows, so that elapsed time would be beyond everything learned. */
  readonly timeSplit?: boolean
}

export interface ColumnStatistics {
  /** Number of different values, missing left out. */
  readonly distinct: number
  /** Datetimes only: days from the earliest to the latest training row, strays left out. */
  readonly spanDays?: number
}

/** Numbers with more different values than this are not counted further: no choice depends on it. */
const DISTINCT_LIMIT = 10_000

/** Counts the distinct values of a column when it is asked for, numbers up to 10 000. */
export function frameStatistics(frame: Frame): (name: string) => ColumnStatistics {
  return (name) => {
    const column = frame.columns.get(name)
    if (!column) return { distinct: 0 }
    if (column.kind === 'string') return { distinct: distinctCodes(column) }
    return { distinct: distinctNumbers(column.values), spanDays: spanDays(column.values) }
  }
}

const SPAN_SAMPLE = 10_000
/** Share of the rows at each end that may be strays, such as 1900-01-01 for unknown. */
const STRAY_SHARE = 0.01

function spanDays(times: Float64Array): number {
  const step = Math.ceil(times.length / SPAN_SAMPLE)
  const sample = times.filter((ms, row) => row % step === 0 && Math.abs(ms) <= DATE_LIMIT_MS).sort()
  const strays = Math.floor(sample.length * STRAY_SHARE)
  const first = sample[strays] ?? 0
  const last = sample[sample.length - 1 - strays] ?? 0
  return (last - first) / MS_PER_DAY / (1 - 2 * STRAY_SHARE)
}

function distinctCodes({ codes, dictionary }: StringColumn): number {
  const seen = new Uint8Array(dictionary.length)
  let distinct = 0
  for (const code of codes) {
    if (code < 0 || seen[code] === 1) continue
    seen[code] = 1
    distinct++
  }
  return distinct
}

function distinctNumbers(values: Float64Array): number {
  const seen = new Set<number>()
  for (const value of values) {
    if (!Number.isNaN(value)) seen.add(value)
    if (seen.size >= DISTINCT_LIMIT) break
  }
  return seen.size
}

/** Levels up to which a category gets a feature each. */
const ONE_HOT_LEVELS = { tree: 8, linear: 60 } as const
const TEXT_FEATURES = { tree: 300, linear: 2000 } as const

/** Chooses steps for every column by its meaning. Throws DATA_COLUMN_UNKNOWN and FEATURE_INVALID for options that fit no column. */
export function planFeatures(schema: Schema, options: PlanOptions): FeaturePlan {
  checkNames(schema, options)
  const columns: PlannedColumn[] = []
  const dropped: { column: string; reason: string }[] = []
  for (const column of schema.columns) {
    if (column.name === options.target) continue
    const reason = dropReason(column, options)
    if (reason === undefined) columns.push(planColumn(column, options))
    else dropped.push({ column: column.name, reason })
  }
  return { family: options.family, columns, dropped }
}

function checkNames(schema: Schema, options: PlanOptions): void {
  const known = new Set(schema.columns.map(({ name }) => name))
  for (const name of [options.target, ...(options.drop ?? []), ...Object.keys(options.overrides ?? {})]) {
    if (known.has(name)) continue
    throw unknownColumns([name], [...known])
  }
  if (options.overrides && Object.hasOwn(options.overrides, options.target))
    throw new FivefoldError('FEATURE_INVALID', `'${options.target}' is the target and cannot be a feature`)
}

function dropReason(column: ColumnSchema, options: PlanOptions): string | undefined {
  const { drop, overrides, statistics } = options
  if (drop?.includes(column.name)) return 'dropped by choice'
  if (overrides && Object.hasOwn(overrides, column.name)) return undefined
  if (column.type === 'identifier') return 'an identifier names rows and says nothing about new ones'
  if (column.type === 'constant') return 'every row has the same value'
  if (column.type === 'datetime' && column.tensor === 'string') return 'dates that could not be read as dates'
  const { distinct, spanDays } = statistics(column.name)
  if (distinct === 0) return 'no value in the training rows'
  if (column.type === 'datetime' && calendarParts(options, spanDays).length === 0)
    return 'no part of the date recurs within the training rows'
  return distinct === 1 && !column.nullable ? 'every training row has the same value' : undefined
}

function planColumn(column: ColumnSchema, options: PlanOptions): PlannedColumn {
  const { overrides = {} } = options
  const override = Object.hasOwn(overrides, column.name) ? overrides[column.name] : undefined
  if (override) return { column: column.name, steps: parseSteps(column.name, override), reason: 'chosen in the config' }
  return { column: column.name, ...defaultSteps(column, options) }
}

function parseSteps(name: string, steps: readonly FeatureStep[]): FeatureStep[] {
  const result = z.array(featureStepSchema).min(1).safeParse(steps)
  if (result.success) return result.data
  const issues = result.error.issues.map(({ path, message }) => ({ path: [name, ...path.map(String)], message }))
  throw new FivefoldError('FEATURE_INVALID', `steps of column '${name}': ${issues[0]?.message ?? ''}`, { issues })
}

type Choice = Pick<PlannedColumn, 'steps' | 'reason'>

function defaultSteps(column: ColumnSchema, options: PlanOptions): Choice {
  const { family } = options
  if (column.type === 'text')
    return {
      steps: [{ kind: 'wordTfidf', maxFeatures: TEXT_FEATURES[family] }],
      reason: `the ${TEXT_FEATURES[family]} most frequent words and word pairs`,
    }
  if (column.type === 'datetime') return calendarSteps(options, options.statistics(column.name))
  if (column.type !== 'category' && isNumeric(column.type, column.tensor)) return numberSteps(family)
  return categorySteps(options.statistics(column.name).distinct, family)
}

function numberSteps(family: ModelFamily): Choice {
  if (family === 'tree') return { steps: [{ kind: 'passNumber' }], reason: 'trees take numbers as they are' }
  return {
    steps: [{ kind: 'imputeNumber', strategy: 'median', indicator: true }, { kind: 'standardScale' }],
    reason: 'linear models need filled numbers of one scale',
  }
}

function categorySteps(distinct: number, family: ModelFamily): Choice {
  const limit = ONE_HOT_LEVELS[family]
  if (distinct <= limit) {
    // Rare levels of a linear model would get weights from a handful of rows.
    const minCount = family === 'linear' ? 5 : 1
    return { steps: [{ kind: 'oneHot', maxLevels: limit, minCount }], reason: `${distinct} levels, one feature each` }
  }
  const encoding: FeatureStep = { kind: 'targetEncoding' }
  if (family === 'linear') return { steps: [encoding], reason: `${distinct} levels are too many for a feature each` }
  return { steps: [{ kind: 'ordinal' }, encoding], reason: `${distinct} levels, by target mean and by frequency` }
}

const TREE_PARTS: readonly CalendarPart[] = ['year', 'month', 'dayOfMonth', 'weekday', 'hour', 'minute', 'dayOfYear']
const LINEAR_PARTS: readonly CalendarPart[] = [
  'timeOfDaySin',
  'timeOfDayCos',
  'weekdaySin',
  'weekdayCos',
  'dayOfYearSin',
  'dayOfYearCos',
]

/**
 * Days of training rows from which on a part is learnt where later rows are predicted: for the year one turn, for the
 * shorter ones several, since one Monday or one 17th says more about its weather than about Mondays. Elapsed time and
 * years never come back.
 */
const NEEDED_DAYS: Readonly<Record<CalendarPart, number>> = {
  year: Number.POSITIVE_INFINITY,
  elapsedDays: Number.POSITIVE_INFINITY,
  month: 360,
  dayOfYear: 360,
  dayOfYearSin: 360,
  dayOfYearCos: 360,
  dayOfMonth: 360,
  weekday: 20,
  weekdaySin: 20,
  weekdayCos: 20,
  hour: 2,
  minute: 0.1,
  timeOfDaySin: 2,
  timeOfDayCos: 2,
}

function calendarParts({ family, timeSplit }: PlanOptions, spanDays = Number.POSITIVE_INFINITY): CalendarPart[] {
  const parts = family === 'tree' ? TREE_PARTS : LINEAR_PARTS
  if (!timeSplit) return [...parts, 'elapsedDays']
  return parts.filter((part) => NEEDED_DAYS[part] < Number.POSITIVE_INFINITY && NEEDED_DAYS[part] <= spanDays)
}

function calendarSteps(options: PlanOptions, { spanDays }: ColumnStatistics): Choice {
  const steps: FeatureStep[] = [
    { kind: 'calendar', parts: calendarParts(options, spanDays), standardise: options.family === 'linear' },
  ]
  if (!options.timeSplit) return { steps, reason: 'what recurs, and elapsed time' }
  const span = spanDays === undefined ? '' : `, ${Math.round(spanDays)} days long`
  return { steps, reason: `what recurred within the training rows${span}; later rows go beyond the rest` }
}
