import { type Column, columnOf } from '../data/index.ts'
import { benjaminiHochberg, chiSquareTest, ksTest } from '../metrics/index.ts'
import type { Analysis, SampleTarget } from './analysis.ts'
import { pearson } from './association-measures.ts'
import type { Missingness, MissingWithTarget } from './profile.ts'

const MOST_COLUMNS = 40
const MOST_PATTERNS = 10
const LEAST_MISSING = 10
const LEAST_PHI = 0.3

/** Where values are missing, where gaps go together, and whether a gap says something about the target. */
export function profileMissingness(analysis: Analysis): Missingness {
  const { columns, sample } = analysis
  const withGaps = columns.filter(({ missing }) => missing > 0).sort((a, b) => b.missing - a.missing)
  const looked = withGaps.filter(({ present }) => present > 0).slice(0, MOST_COLUMNS)
  const indicators = new Map(looked.map(({ name }) => [name, missingIndicator(columnOf(sample.frame, name))]))
  return {
    columns: withGaps.map(({ name, missing }) => ({ name, missing })),
    patterns: patternsOf(indicators, sample.frame.rowCount),
    together: togetherOf(indicators, sample.frame.rowCount),
    withTarget: withTargetOf(analysis, indicators),
  }
}

function missingIndicator(column: Column): Float64Array {
  return column.kind === 'number'
    ? column.values.map((value) => (Number.isNaN(value) ? 1 : 0))
    : Float64Array.from(column.codes, (code) => (code < 0 ? 1 : 0))
}

function patternsOf(indicators: ReadonlyMap<string, Float64Array>, rowCount: number): Missingness['patterns'] {
  const counts = new Map<string, number>()
  const all = [...indicators.values()]
  for (let row = 0; row < rowCount; row++) {
    let key = ''
    for (let k = 0; k < all.length; k++) if (all[k]![row] === 1) key += `${k},`
    if (key !== '') counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const names = [...indicators.keys()]
  return [...counts]
    .sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
    .slice(0, MOST_PATTERNS)
    .map(([key, rows]) => ({
      columns: key
        .slice(0, -1)
        .split(',')
        .map((k) => names[Number(k)]!),
      rows,
    }))
}

function togetherOf(indicators: ReadonlyMap<string, Float64Array>, n: number): Missingness['together'] {
  const entries = [...indicators].filter(([, values]) => sumOf(values) >= LEAST_MISSING)
  return entries
    .flatMap(([a, first], i) =>
      entries.slice(i + 1).map(([b, second]) => ({ a, b, phi: pearson(first, second).value, n })),
    )
    .filter(({ phi }) => Math.abs(phi) >= LEAST_PHI)
    .sort((x, y) => Math.abs(y.phi) - Math.abs(x.phi))
    .slice(0, 50)
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0)

function withTargetOf(
  { target, options, context }: Analysis,
  indicators: ReadonlyMap<string, Float64Array>,
): MissingWithTarget[] {
  if (!target) return []
  const tested = [...indicators]
    .filter(
      ([name, values]) =>
        name !== options.target && sumOf(values) >= LEAST_MISSING && sumOf(values) <= values.length - LEAST_MISSING,
    )
    .map(([column, indicator]) => ({ column, ...compareSides(target, indicator, context.seed) }))
  const adjusted = benjaminiHochberg(tested.map(({ pValue }) => pValue))
  return tested
    .map((test, i) => ({ ...test, pValue: adjusted[i]! }))
    .sort((a, b) => a.pValue - b.pValue || b.effect - a.effect)
}

function compareSides(target: SampleTarget, indicator: Float64Array, seed: number): Omit<MissingWithTarget, 'column'> {
  const valueAt = (row: number): number =>
    target.kind === 'number' ? target.values[row]! : target.codes[row]! < 0 ? Number.NaN : target.codes[row]!
  const missing: number[] = []
  const present: number[] = []
  for (let row = 0; row < indicator.length; row++) {
    const value = valueAt(row)
    if (!Number.isNaN(value)) (indicator[row] === 1 ? missing : present).push(value)
  }
  const n = missing.length + present.length
  if (target.kind === 'number') {
    const { pValue, statistic } = ksTest(Float64Array.from(missing), Float64Array.from(present))
    return { whenMissing: meanOf(missing), whenPresent: meanOf(present), pValue, effect: statistic, n }
  }
  const countsOf = (codes: readonly number[]): number[] =>
    target.classes.map((_, k) => codes.filter((code) => code === k).length)
  const { pValue, cramersV } = chiSquareTest(countsOf(missing), countsOf(present), { seed })
  const isBinary = target.classes.length === 2
  return {
    whenMissing: isBinary ? meanOf(missing) : null,
    whenPresent: isBinary ? meanOf(present) : null,
    pValue,
    effect: cramersV,
    n,
  }
}

const meanOf = (values: readonly number[]): number | null =>
  values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null
