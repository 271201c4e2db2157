import type { Frame, Schema } from '../data/index.ts'
import {
  benjaminiHochberg,
  confusionMatrix,
  linearisedMean,
  type MetricName,
  type MetricValue,
  normalCdf,
  normalQuantile,
  predictedCodes,
  varianceOf,
  wilsonInterval,
} from '../metrics/index.ts'
import type { GroupGap, GroupMeasure, GroupResult, ProtectedGroups } from './evaluation.ts'
import { measureOutcome, type Outcome, takeOutcomeRows } from './outcome.ts'
import { groupRows } from './row-groups.ts'

/** Groups below this are listed with their size alone: a rate of ten rows says next to nothing. */
const MIN_GROUP_ROWS = 10

/**
 * Rates of the groups of each protected column and their differences from the largest group, with intervals. Selection
 * rate, true and false positive rate are what demographic parity and equalised odds are about (Hardt et al., 2016).
 * Columns that are not in the data, or hold one group, are left out.
 */
export function compareProtectedGroups(input: {
  readonly outcome: Outcome
  readonly metric: MetricName
  readonly frame: Frame
  readonly schema: Schema
  readonly columns: readonly string[]
  readonly seed: number
}): ProtectedGroups[] {
  const { outcome, metric, frame, schema, columns, seed } = input
  return columns.flatMap((column) => {
    const grouped = groupRows(frame, schema, column)
    if (grouped === undefined) return []
    const groups = rowsByGroup(grouped.codes, grouped.groups.length).flatMap((rows, group) =>
      rows.length === 0 ? [] : [describeGroup(grouped.groups[group]!.name, rows, outcome, metric, seed)],
    )
    return [{ column, groups, gaps: gapsOf(groups) }]
  })
}

function rowsByGroup(codes: Int32Array, groupCount: number): Uint32Array[] {
  const sizes = new Uint32Array(groupCount)
  for (const code of codes) if (code >= 0) sizes[code]!++
  const rows = Array.from(sizes, (size) => new Uint32Array(size))
  const filled = new Uint32Array(groupCount)
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!
    if (code >= 0) rows[code]![filled[code]!++] = row
  }
  return rows
}

function describeGroup(
  name: string,
  rows: Uint32Array,
  outcome: Outcome,
  metric: MetricName,
  seed: number,
): GroupResult {
  if (rows.length < MIN_GROUP_ROWS) return { name, rows: rows.length, rates: {} }
  const group = takeOutcomeRows(outcome, rows)
  const value = measureOutcome(group, seed, [metric])[metric]
  const measured = value === undefined ? {} : { metric: value }
  return { name, rows: rows.length, ...measured, ...ratesOf(group) }
}

function ratesOf(group: Outcome): Pick<GroupResult, 'actual' | 'rates'> {
  if (group.kind === 'number') {
    const { actual, predicted } = group.sample
    const errors = actual.map((y, i) => predicted[i]! - y)
    const rates = { meanError: meanInterval(errors), meanAbsoluteError: meanInterval(errors.map(Math.abs)) }
    return { actual: linearisedMean(actual).value, rates }
  }
  const predicted = predictedCodes(group.sample)
  const { codes, classCount } = group.sample
  const { counts } = confusionMatrix(codes, predicted, classCount)
  const rows = codes.length
  // The diagonal: every (classes + 1)-th cell.
  const correct = counts.reduce((sum, count, cell) => sum + (cell % (classCount + 1) === 0 ? count : 0), 0)
  const accuracy = wilsonInterval(correct, rows)
  if (classCount > 2) return { rates: { accuracy } }
  const [, alarms = 0, misses = 0, hits = 0] = counts
  const positives = misses + hits
  const selected = alarms + hits
  const rates = definedRates({
    selectionRate: [selected, rows],
    truePositiveRate: [hits, positives],
    falsePositiveRate: [alarms, rows - positives],
    precision: [hits, selected],
  })
  return { actual: positives / rows, rates: { ...rates, accuracy } }
}

function definedRates(counts: Partial<Record<GroupMeasure, [number, number]>>): GroupResult['rates'] {
  const defined = Object.entries(counts).filter(([, [, trials]]) => trials > 0)
  return Object.fromEntries(defined.map(([measure, [hits, trials]]) => [measure, wilsonInterval(hits, trials)]))
}

function meanInterval(values: Float64Array): MetricValue {
  const mean = linearisedMean(values)
  const half = normalQuantile(0.975) * Math.sqrt(varianceOf(mean))
  return { value: mean.value, low: mean.value - half, high: mean.value + half }
}

function gapsOf(groups: readonly GroupResult[]): GroupGap[] {
  const compared = groups.filter((group) => group.rows >= MIN_GROUP_ROWS)
  const reference = compared.reduce<GroupResult | undefined>(
    (largest, group) => (largest && largest.rows >= group.rows ? largest : group),
    undefined,
  )
  if (reference === undefined) return []
  const gaps = compared.filter((group) => group !== reference).flatMap((group) => gapsTo(group, reference))
  const adjusted = benjaminiHochberg(gaps.map((gap) => gap.adjustedPValue))
  return gaps.map((gap, i) => ({ ...gap, adjustedPValue: adjusted[i]! }))
}

function gapsTo(group: GroupResult, reference: GroupResult): GroupGap[] {
  return (Object.keys(group.rates) as GroupMeasure[]).flatMap((measure) => {
    const value = group.rates[measure]
    const against = reference.rates[measure]
    if (value === undefined || against === undefined) return []
    const ratio = against.value > 0 && measure !== 'meanError' ? { ratio: value.value / against.value } : {}
    const difference = differenceOf(value, against)
    return [
      { measure, group: group.name, reference: reference.name, difference, ...ratio, adjustedPValue: pOf(difference) },
    ]
  })
}

/** Interval of a difference from two intervals (Newcombe, 1998, method 10): sound for rates near 0 and 1. */
function differenceOf(a: MetricValue, b: MetricValue): MetricValue {
  const value = a.value - b.value
  return {
    value,
    low: value - Math.hypot(a.value - a.low, b.high - b.value),
    high: value + Math.hypot(a.high - a.value, b.value - b.low),
  }
}

/** Two-sided p-value read back from the side of the interval that faces 0. */
function pOf({ value, low, high }: MetricValue): number {
  const half = value > 0 ? value - low : high - value
  if (half === 0) return value === 0 ? 1 : 0
  return Math.min(1, 2 * normalCdf((-Math.abs(value) * normalQuantile(0.975)) / half))
}
