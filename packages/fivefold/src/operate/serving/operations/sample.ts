import type { MetricSnapshot } from '../metrics/metric-registry.ts'

/** What all processes had counted at a time. */
export interface Sample {
  /** Milliseconds since 1970. */
  readonly timeMs: number
  /** Milliseconds on a clock that never runs backwards. */
  readonly atMs: number
  /** Numbers of each series, by metric and by the values of its labels. */
  readonly series: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>
}

export const seriesKey = (...values: readonly string[]): string => values.join('\n')

/** The metrics that are named, of those that were merged. */
export function sampleOf(
  merged: readonly MetricSnapshot[],
  names: ReadonlySet<string>,
  { timeMs, atMs }: Pick<Sample, 'timeMs' | 'atMs'>,
): Sample {
  const series = new Map<string, ReadonlyMap<string, readonly number[]>>()
  for (const family of merged)
    if (names.has(family.name))
      series.set(family.name, new Map(family.series.map(({ values, numbers }) => [seriesKey(...values), numbers])))
  return { timeMs, atMs, series }
}

/** The value of a gauge, or of a counter since the start; 0 where there is none. */
export const valueIn = ({ series }: Sample, name: string, key = ''): number => series.get(name)?.get(key)?.[0] ?? 0

/**
 * What was counted between two samples in each number of a series; undefined where the series is not there. Where a counter has
 * begun anew it is what it counted since.
 */
export function countedBetween(before: Sample, after: Sample, name: string, key = ''): readonly number[] | undefined {
  const now = after.series.get(name)?.get(key)
  const then = before.series.get(name)?.get(key)
  if (!now || !then) return now
  const counted = now.map((n, i) => n - then[i]!)
  return counted.some((n) => n < 0) ? now : counted
}
