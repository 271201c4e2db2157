import { allocateFeature } from '../../data/index.ts'
import { calendarPart, calendarStateSchema, DATE_LIMIT_MS } from './calendar-date.ts'
import { compileCalendars } from './calendar-graph.ts'
import { acceptsNumber, numbersOf } from './number.ts'
import { meanAndDeviation } from './number-chain.ts'
import { stepSchemas } from './step.ts'
import { defineTransform } from './transform.ts'

export const calendarTransform = defineTransform({
  name: 'calendar',
  options: stepSchemas.calendar,
  state: calendarStateSchema,
  accepts: (column) => column.type === 'datetime' && acceptsNumber(column),
  fit({ values }, { parts, standardise }) {
    const times = numbersOf(values)
    const originMs = times.reduce((low, ms) => (Math.abs(ms) <= DATE_LIMIT_MS && ms < low ? ms : low), DATE_LIMIT_MS)
    const state = { parts, originMs: originMs === DATE_LIMIT_MS ? 0 : originMs, scale: null }
    if (!standardise) return { state }
    const scale = parts.map((part) => scaleOf(calendarPart(part, times, state.originMs)))
    return { state: { ...state, scale } }
  },
  featureNames: ({ parts }, columnName) => parts.map((part) => `${columnName} ${part}`),
  apply({ parts, originMs, scale }, values, rowCount) {
    const times = numbersOf(values)
    return parts.map((part, at) => {
      const raw = calendarPart(part, times, originMs)
      const out = allocateFeature(rowCount)
      if (!scale) {
        out.set(raw)
        return out
      }
      const { mean, deviation } = scale[at]!
      for (let i = 0; i < rowCount; i++) out[i] = Number.isNaN(raw[i]) ? 0 : (raw[i]! - mean) / deviation
      return out
    })
  },
  compile: (state, { raw, column }, builder) => compileCalendars(builder, [{ raw, column, state }]),
  groupKey: ({ parts, scale }) => `${parts.join('-')}${scale ? ' scaled' : ''}`,
  compileTogether: (parts, builder) => compileCalendars(builder, parts),
})

/**
 * Parts are rounded in their 16th digit (sin(pi) is 1e-16, not 0). Where the deviation lies below the ninth, that rounding would
 * show in the seventh digit of the feature, so such variation counts as none.
 */
function scaleOf(values: Float64Array): { mean: number; deviation: number } {
  const { mean, deviation } = meanAndDeviation(values)
  return { mean, deviation: deviation > 1e-9 * Math.max(1, Math.abs(mean)) ? deviation : 1 }
}
