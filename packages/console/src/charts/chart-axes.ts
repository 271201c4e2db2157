import type { Run } from '../client/records.ts'
import { linearScale, type Scale } from './chart-scales.ts'

export interface AxisTick {
  readonly at: number
  readonly label: string
}

/** One quantity over several runs: numbers on a scale, other texts as places in their order. */
export interface ChartAxis {
  readonly label: string
  readonly ticks: readonly AxisTick[]
  /** Pixels; undefined where the run has no value. */
  at(run: Run): number | undefined
  /** As a reader sees it. */
  text(run: Run): string
  /** Share of the way from the low end to the high one. */
  share(run: Run): number | undefined
}

export type AxisSource = 'metric' | 'param'

/** `metric:loss` or `param:depth`. */
export const readAxisId = (id: string): { readonly source: AxisSource; readonly key: string } => {
  const colon = id.indexOf(':')
  return { source: id.slice(0, colon) === 'param' ? 'param' : 'metric', key: id.slice(colon + 1) }
}

export function rawValue(run: Run, id: string): string | number | undefined {
  const { source, key } = readAxisId(id)
  return source === 'metric' ? run.metrics[key]?.value : run.params[key]
}

/** The axis of a metric or parameter between two pixels; `format` writes its numbers. */
export function chartAxis(
  id: string,
  runs: readonly Run[],
  range: readonly [number, number],
  format: (value: number) => string,
): ChartAxis {
  const { key } = readAxisId(id)
  const values = runs.map((run) => rawValue(run, id)).filter((value) => value !== undefined)
  const isNumeric = values.every((value) => value !== '' && Number.isFinite(Number(value)))
  const numbers = values.map(Number)
  return isNumeric
    ? numberAxis(id, key, linearScale(numbers, range, { margin: 0.04 }), range, numbers.every(Number.isInteger), format)
    : textAxis(id, key, [...new Set(values.map(String))].sort(), range)
}

function numberAxis(
  id: string,
  label: string,
  scale: Scale,
  range: readonly [number, number],
  isWhole: boolean,
  format: (value: number) => string,
): ChartAxis {
  const numberOf = (run: Run): number | undefined => {
    const value = rawValue(run, id)
    return value === undefined || !Number.isFinite(Number(value)) ? undefined : Number(value)
  }
  const at = (run: Run): number | undefined => {
    const value = numberOf(run)
    return value === undefined ? undefined : scale.at(value)
  }
  return {
    label,
    // Half a tree deep is nowhere.
    ticks: (isWhole ? scale.ticks.filter(Number.isInteger) : scale.ticks).map((tick) => ({
      at: scale.at(tick),
      label: format(tick),
    })),
    at,
    text: (run) => {
      const value = numberOf(run)
      return value === undefined ? 'none' : format(value)
    },
    share: (run) => {
      const place = at(run)
      return place === undefined ? undefined : (place - range[0]) / (range[1] - range[0])
    },
  }
}

function textAxis(id: string, label: string, values: readonly string[], range: readonly [number, number]): ChartAxis {
  const place = (value: string): number =>
    range[0] + ((values.indexOf(value) + 0.5) / values.length) * (range[1] - range[0])
  const textOf = (run: Run): string | undefined => {
    const value = rawValue(run, id)
    return value === undefined ? undefined : String(value)
  }
  const at = (run: Run): number | undefined => {
    const value = textOf(run)
    return value === undefined ? undefined : place(value)
  }
  return {
    label,
    ticks: values.map((value) => ({ at: place(value), label: value })),
    at,
    text: (run) => textOf(run) ?? 'none',
    share: (run) => {
      const pixels = at(run)
      return pixels === undefined ? undefined : (pixels - range[0]) / (range[1] - range[0])
    },
  }
}
