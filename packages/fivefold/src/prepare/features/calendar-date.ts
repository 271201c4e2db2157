import { z } from 'zod'
import { CALENDAR_PARTS, type CalendarPart } from './step.ts'

export const MS_PER_DAY = 86_400_000

/** Beyond this JavaScript, and the Gregorian arithmetic over doubles, have no dates. */
export const DATE_LIMIT_MS = 8.64e15

/** Mean length of a year, so that a leap year's last day is no second New Year. */
export const DAYS_PER_YEAR = 365.25

export const calendarStateSchema = z.strictObject({
  parts: z.array(z.enum(CALENDAR_PARTS)).min(1),
  /** Epoch milliseconds that `elapsedDays` counts from: the earliest training row. */
  originMs: z.number(),
  /** Mean and deviation of each part; null where parts are left as they are and missing is NaN. */
  scale: z.array(z.strictObject({ mean: z.number(), deviation: z.number().positive() })).nullable(),
})
export type CalendarState = z.infer<typeof calendarStateSchema>

/** A part of each time, UTC; NaN where the time is missing. */
export function calendarPart(part: CalendarPart, times: Float64Array, originMs: number): Float64Array {
  const out = new Float64Array(times.length)
  const ofDay = DAY_PARTS[part as keyof typeof DAY_PARTS]
  const compute = ofDay ? onDays(rememberDays(ofDay)) : TIME_PARTS[part as keyof typeof TIME_PARTS]
  for (let i = 0; i < times.length; i++) {
    const ms = times[i]!
    out[i] = Math.abs(ms) <= DATE_LIMIT_MS ? compute(ms, originMs) : Number.NaN
  }
  return out
}

const dayOf = (ms: number): number => Math.floor(ms / MS_PER_DAY)
const msOfDay = (ms: number): number => ms - dayOf(ms) * MS_PER_DAY
const turn = (share: number): number => 2 * Math.PI * share

const onDays =
  (ofDay: (day: number) => number) =>
  (ms: number): number =>
    ofDay(dayOf(ms))

const TABLE_START = dayOf(Date.UTC(1900, 0))
const TABLE_DAYS = dayOf(Date.UTC(2100, 0)) - TABLE_START

/** Many rows share few days, nearly always of these two centuries: each is worked out once. */
function rememberDays(compute: (day: number) => number): (day: number) => number {
  const known = new Float64Array(TABLE_DAYS).fill(Number.NaN)
  return (day) => {
    const at = day - TABLE_START
    const value = known[at]
    if (value === undefined) return compute(day)
    if (!Number.isNaN(value)) return value
    known[at] = compute(day)
    return known[at]
  }
}

/** 1970-01-01 was a Thursday. */
const weekday = (day: number): number => (((day + 3) % 7) + 7) % 7

const DAY_PARTS = {
  year: (day: number) => civilDate(day).year,
  month: (day: number) => civilDate(day).month,
  dayOfMonth: (day: number) => civilDate(day).day,
  weekday,
  dayOfYear: (day: number) => civilDate(day).dayOfYear,
  weekdaySin: (day: number) => Math.sin(turn(weekday(day) / 7)),
  weekdayCos: (day: number) => Math.cos(turn(weekday(day) / 7)),
  dayOfYearSin: (day: number) => Math.sin(turn(civilDate(day).dayOfYear / DAYS_PER_YEAR)),
  dayOfYearCos: (day: number) => Math.cos(turn(civilDate(day).dayOfYear / DAYS_PER_YEAR)),
}

const TIME_PARTS = {
  hour: (ms: number) => Math.floor(msOfDay(ms) / 3_600_000),
  minute: (ms: number) => Math.floor(msOfDay(ms) / 60_000) % 60,
  timeOfDaySin: (ms: number) => Math.sin(turn(msOfDay(ms) / MS_PER_DAY)),
  timeOfDayCos: (ms: number) => Math.cos(turn(msOfDay(ms) / MS_PER_DAY)),
  elapsedDays: (ms: number, originMs: number) => (ms - originMs) / MS_PER_DAY,
} satisfies Record<Exclude<CalendarPart, keyof typeof DAY_PARTS>, (ms: number, originMs: number) => number>

/**
 * Gregorian date of a day counted from 1970-01-01 (Hinnant, "chrono-Compatible Low-Level Date Algorithms"): years begin
 * in March so that the leap day comes last, eras are 400 years of 146097 days.
 */
function civilDate(day: number): { year: number; month: number; day: number; dayOfYear: number } {
  const shifted = day + 719_468
  const era = Math.floor(shifted / 146_097)
  const doe = shifted - era * 146_097
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365)
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100))
  const { startsNewYear, month, dayOfMonth, dayOfYear } = marchDay(doy)
  const leapDay = !startsNewYear && isLeapYear(yoe) ? 1 : 0
  return { year: yoe + era * 400 + (startsNewYear ? 1 : 0), month, day: dayOfMonth, dayOfYear: dayOfYear + leapDay }
}

/** A day of a year that begins on 1 March; `dayOfYear` counts from 1 January of a common year. */
export function marchDay(doy: number): {
  startsNewYear: boolean
  month: number
  dayOfMonth: number
  dayOfYear: number
} {
  const mp = Math.floor((5 * doy + 2) / 153)
  const startsNewYear = mp >= 10
  return {
    startsNewYear,
    month: startsNewYear ? mp - 9 : mp + 3,
    dayOfMonth: doy - Math.floor((153 * mp + 2) / 5) + 1,
    dayOfYear: startsNewYear ? doy - 305 : doy + 60,
  }
}

export const isLeapYear = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
