import { z } from 'zod'
import { CALENDAR_PARTS, type CalendarPart } from './step.ts'

export const MS_PER_DAY = 86_400_000

/** Beyond this JavaScript, and the Gregorian arithmetic over doubles, have no dates. */
export const DATE_LIMIT_MS = 8.64e15

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
  const compute = PARTS[part]
  for (let i = 0; i < times.length; i++) {
    const ms = times[i]!
    out[i] = Math.abs(ms) <= DATE_LIMIT_MS ? compute(ms, originMs) : Number.NaN
  }
  return out
}

const dayOf = (ms: number): number => Math.floor(ms / MS_PER_DAY)
const msOfDay = (ms: number): number => ms - dayOf(ms) * MS_PER_DAY
/** 1970-01-01 was a Thursday. */
const weekday = (ms: number): number => (((dayOf(ms) + 3) % 7) + 7) % 7
const turn = (share: number): number => 2 * Math.PI * share

const PARTS: Record<CalendarPart, (ms: number, originMs: number) => number> = {
  year: (ms) => civilDate(dayOf(ms)).year,
  month: (ms) => civilDate(dayOf(ms)).month,
  dayOfMonth: (ms) => civilDate(dayOf(ms)).day,
  weekday,
  hour: (ms) => Math.floor(msOfDay(ms) / 3_600_000),
  minute: (ms) => Math.floor(msOfDay(ms) / 60_000) % 60,
  dayOfYear: (ms) => civilDate(dayOf(ms)).dayOfYear,
  timeOfDaySin: (ms) => Math.sin(turn(msOfDay(ms) / MS_PER_DAY)),
  timeOfDayCos: (ms) => Math.cos(turn(msOfDay(ms) / MS_PER_DAY)),
  weekdaySin: (ms) => Math.sin(turn(weekday(ms) / 7)),
  weekdayCos: (ms) => Math.cos(turn(weekday(ms) / 7)),
  dayOfYearSin: (ms) => Math.sin(turn(civilDate(dayOf(ms)).dayOfYear / DAYS_PER_YEAR)),
  dayOfYearCos: (ms) => Math.cos(turn(civilDate(dayOf(ms)).dayOfYear / DAYS_PER_YEAR)),
  elapsedDays: (ms, originMs) => (ms - originMs) / MS_PER_DAY,
}

export const DAYS_PER_YEAR = 365.25

/**
 * Gregorian date of a day counted from 1970-01-01 (Hinnant, "chrono-Compatible Low-Level Date Algorithms"): years begin
 * in March so that the leap day comes last, eras are 400 years of 146097 days.
 */
function civilDate(day: number): { year: number; month: number; day: number; dayOfYear: number } {
  const z = day + 719_468
  const era = Math.floor(z / 146_097)
  const doe = z - era * 146_097
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365)
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100))
  const mp = Math.floor((5 * doy + 2) / 153)
  const startsNewYear = mp >= 10
  const year = yoe + era * 400 + (startsNewYear ? 1 : 0)
  const leap = yoe % 4 === 0 && (yoe % 100 !== 0 || yoe === 0) ? 1 : 0
  return {
    year,
    month: startsNewYear ? mp - 9 : mp + 3,
    day: doy - Math.floor((153 * mp + 2) / 5) + 1,
    dayOfYear: startsNewYear ? doy - 305 : doy + 60 + leap,
  }
}
