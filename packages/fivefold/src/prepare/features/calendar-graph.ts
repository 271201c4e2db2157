import type { GraphBuilder, ValueRef } from '../../onnx/index.ts'
import { type CalendarState, DATE_LIMIT_MS, DAYS_PER_YEAR, isLeapYear, MS_PER_DAY, marchDay } from './calendar-date.ts'
import { cast, concat, double, doubles, int64s, isWithin, joinNumbers } from './graph-ops.ts'
import type { CalendarPart } from './step.ts'
import type { TransformGraphInput } from './transform.ts'

/** Datetime columns with the same parts as vector operations over [N, columns, 1]; the result is [N, columns * parts]. */
export function compileCalendars(
  b: GraphBuilder,
  inputs: readonly (TransformGraphInput & { readonly state: CalendarState })[],
): ValueRef {
  const { parts } = inputs[0]!.state
  const raw = b.node('Unsqueeze', [joinNumbers(b, inputs, 'double', (block) => block), int64s(b, [2])])
  const present = isWithin(b, raw, DATE_LIMIT_MS)
  // Missing times run through the arithmetic as 1970, since a NaN has no index to look up by.
  const ms = b.node('Where', [present, raw, double(b, 0)])
  const origins = doubles(
    b,
    [1, inputs.length, 1],
    inputs.map(({ state }) => state.originMs),
  )
  const graph = createCalendarGraph(b, ms, origins)
  const all = concat(
    b,
    parts.map((part) => graph[part]()),
    2,
  )
  const finished = b.node('Where', [present, scaleParts(b, all, inputs), missingValue(b, inputs)])
  return cast(b, b.node('Reshape', [finished, int64s(b, [-1, inputs.length * parts.length])]), 'float')
}

const missingValue = (b: GraphBuilder, inputs: readonly { state: CalendarState }[]): ValueRef =>
  double(b, inputs[0]!.state.scale ? 0 : Number.NaN)

function scaleParts(b: GraphBuilder, all: ValueRef, inputs: readonly { state: CalendarState }[]): ValueRef {
  const scales = inputs.flatMap(({ state }) => state.scale ?? [])
  if (scales.length === 0) return all
  const shape = [1, inputs.length, inputs[0]!.state.parts.length]
  const means = doubles(
    b,
    shape,
    scales.map(({ mean }) => mean),
  )
  const deviations = doubles(
    b,
    shape,
    scales.map(({ deviation }) => deviation),
  )
  return b.node('Div', [b.node('Sub', [all, means]), deviations])
}

/** Values that several parts need are put into the graph once, when first asked for. */
function createCalendarGraph(b: GraphBuilder, ms: ValueRef, origins: ValueRef): Record<CalendarPart, () => ValueRef> {
  const op = (name: string, x: ValueRef, y: ValueRef | number): ValueRef =>
    b.node(name, [x, typeof y === 'number' ? double(b, y) : y])
  const floorDiv = (x: ValueRef, divisor: number): ValueRef => b.node('Floor', [op('Div', x, divisor)])
  const remainder = (x: ValueRef, divisor: number): ValueRef => op('Sub', x, op('Mul', floorDiv(x, divisor), divisor))

  const day = once(() => floorDiv(ms, MS_PER_DAY))
  const msOfDay = once(() => op('Sub', ms, op('Mul', day(), MS_PER_DAY)))
  const weekday = once(() => remainder(op('Add', day(), 3), 7))
  // The names follow calendar.ts, where the source of the algorithm is given.
  const shifted = once(() => op('Add', day(), 719_468))
  const era = once(() => floorDiv(shifted(), 146_097))
  const doe = once(() => op('Sub', shifted(), op('Mul', era(), 146_097)))
  const yoe = once(() => {
    const withoutLeapDays = op('Sub', doe(), floorDiv(doe(), 1460))
    const centuries = op('Sub', floorDiv(doe(), 36_524), floorDiv(doe(), 146_096))
    return floorDiv(op('Add', withoutLeapDays, centuries), 365)
  })
  const doy = once(() => {
    const leapDays = op('Sub', floorDiv(yoe(), 4), floorDiv(yoe(), 100))
    return op('Sub', op('Sub', doe(), op('Mul', yoe(), 365)), leapDays)
  })
  const doyIndex = once(() => cast(b, doy(), 'int64'))
  const byDay = (values: readonly number[]): ValueRef => b.node('Gather', [doubles(b, [366], values), doyIndex()])
  const newYear = once(() => byDay(MARCH_YEAR.map(({ startsNewYear }) => (startsNewYear ? 1 : 0))))
  const leap = once(() => byYear(b, yoe()))
  const dayOfYear = once(() => {
    const marchOnwards = op('Sub', double(b, 1), newYear())
    return op('Add', byDay(MARCH_YEAR.map(({ dayOfYear }) => dayOfYear)), op('Mul', leap(), marchOnwards))
  })
  const sin = (x: ValueRef, period: number): ValueRef => b.node('Sin', [op('Mul', op('Div', x, period), 2 * Math.PI)])
  // ONNX Runtime 1.15 and 1.17 have Sin for doubles and no Cos: the cosine is the sine of a quarter turn more.
  const cos = (x: ValueRef, period: number): ValueRef => sin(op('Add', x, period / 4), period)
  return {
    year: () => op('Add', op('Add', yoe(), op('Mul', era(), 400)), newYear()),
    month: () => byDay(MARCH_YEAR.map(({ month }) => month)),
    dayOfMonth: () => byDay(MARCH_YEAR.map(({ dayOfMonth }) => dayOfMonth)),
    weekday,
    hour: () => floorDiv(msOfDay(), 3_600_000),
    minute: () => remainder(floorDiv(msOfDay(), 60_000), 60),
    dayOfYear,
    timeOfDaySin: () => sin(msOfDay(), MS_PER_DAY),
    timeOfDayCos: () => cos(msOfDay(), MS_PER_DAY),
    weekdaySin: () => sin(weekday(), 7),
    weekdayCos: () => cos(weekday(), 7),
    dayOfYearSin: () => sin(dayOfYear(), DAYS_PER_YEAR),
    dayOfYearCos: () => cos(dayOfYear(), DAYS_PER_YEAR),
    elapsedDays: () => op('Div', op('Sub', ms, origins), MS_PER_DAY),
  }
}

const MARCH_YEAR = Array.from({ length: 366 }, (_, doy) => marchDay(doy))

/** 1 for leap years among the 400 of an era. */
function byYear(b: GraphBuilder, yoe: ValueRef): ValueRef {
  const isLeap = Array.from({ length: 400 }, (_, year) => (isLeapYear(year) ? 1 : 0))
  return b.node('Gather', [doubles(b, [400], isLeap), cast(b, yoe, 'int64')])
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
