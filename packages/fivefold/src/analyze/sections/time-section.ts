import {
  type Block,
  chart,
  curveChart,
  formatCount,
  formatFixed,
  formatPValue,
  type Section,
  section,
  table,
  timeChart,
} from '../../report/index.ts'
import type { Profile } from '../profile.ts'

/** How the first rows differ from the last. */
export function timeSection(profile: Profile): Section[] {
  const { drift } = profile
  if (drift.columns.length === 0) return []
  const drifted = drift.columns.filter((column) => column.drifted).length
  return [
    section({
      id: 'time',
      title: 'Change over time',
      intro: `First third of the rows against the last (${formatCount(drift.firstRows)} each, sampled), by ${drift.order}. ${drifted} of ${drift.columns.length} columns changed notably: adjusted p at most 0.01 and effect at least 0.1.`,
      blocks: [
        ...targetChart(profile),
        table({
          caption: 'Change by column, largest first',
          columns: [
            { label: 'column' },
            { label: 'changed' },
            { label: 'first → last' },
            { label: 'effect', kind: 'number' },
            { label: 'stability index', kind: 'number' },
            { label: 'adjusted p' },
          ],
          rows: drift.columns
            .slice(0, 100)
            .map((column) => [
              column.column,
              column.drifted ? { tone: 'warning', text: 'yes' } : 'no',
              column.change,
              formatFixed(column.effect, 2),
              formatFixed(column.populationStabilityIndex, 2),
              formatPValue(column.pValue),
            ]),
          openRows: 12,
        }),
      ],
    }),
  ]
}

function targetChart({ drift, time }: Profile): Block[] {
  const { targetOverTime: parts, targetMeasure } = drift
  if (parts.length < 2 || targetMeasure === null) return []
  const frame = {
    y: targetMeasure,
    label: `${targetMeasure} over ${parts.length} consecutive parts`,
    width: 760,
    height: 220,
  }
  const svg =
    time === null
      ? curveChart({
          ...frame,
          x: 'row',
          curves: [
            {
              name: targetMeasure,
              dots: true,
              points: parts.map(({ at, rate, low, high }) => ({ x: at, y: rate, low, high })),
            },
          ],
        })
      : timeChart({
          ...frame,
          series: [
            {
              name: targetMeasure,
              points: parts.map(({ at, rate, low, high }) => ({ time: at, value: rate, low, high })),
            },
          ],
        })
  return [
    chart({
      title: `${targetMeasure} over time`,
      caption: `${parts.length} parts of ${formatCount(parts[0]!.n)} sampled rows with 95% intervals`,
      svg,
    }),
  ]
}
