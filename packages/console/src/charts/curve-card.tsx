import { useMemo, useState } from 'react'
import type { MetricSeries } from '../client/records.ts'
import { formatCount, formatDuration, formatNumber, formatTime } from '../format/format.ts'
import { bounds } from './chart-scales.ts'
import { seriesColour } from './colours.ts'
import styles from './curve-card.module.css'
import type { CurveSettings } from './curve-settings.ts'
import { LineChart } from './line-chart.tsx'
import { type Reading, toLines, type XAxis } from './series-data.ts'

export interface Curve {
  readonly series: MetricSeries
  readonly label: string
  readonly colour: number
}

/** One metric as curves: its name, the value under the cursor (else the last), the chart. */
export function CurveCard({
  title,
  curves,
  settings,
  heightPx = 190,
}: {
  readonly title: string
  readonly curves: readonly Curve[]
  readonly settings: CurveSettings
  readonly heightPx?: number
}) {
  const { axis, isLog, smoothing } = settings
  const [reading, setReading] = useState<Reading>()
  const lines = useMemo(
    () => curves.flatMap(({ series, label, colour }) => toLines(series, label, colour, { axis, smoothing })),
    [curves, axis, smoothing],
  )
  return (
    <figure className={styles.card}>
      <figcaption className={styles.head}>
        <strong title={title}>{title}</strong>
        {reading && <span className={styles.place}>{xText(reading.x, axis)}</span>}
        {curves.length === 1 && <output>{formatNumber(shownValue(curves[0]!, reading?.ys.at(-1)))}</output>}
      </figcaption>
      <LineChart
        lines={lines}
        axis={axis}
        isLog={isLog}
        heightPx={heightPx}
        label={`${title}: ${curves.map(inWords).join('; ')}`}
        onReading={setReading}
      />
      {curves.length > 1 && (
        <ul className={styles.legend}>
          {curves.map((curve, i) => (
            <li key={curve.series.runId}>
              <span className={styles.key} style={{ background: seriesColour(curve.colour) }} />
              <span className={styles.label}>{curve.label}</span>
              <span>{formatNumber(shownValue(curve, reading?.ys[smoothing > 0 ? 2 * i + 1 : i]))}</span>
            </li>
          ))}
        </ul>
      )}
    </figure>
  )
}

const shownValue = ({ series }: Curve, pointedAt: number | undefined): number =>
  pointedAt ?? series.values.at(-1) ?? Number.NaN

function xText(x: number, axis: XAxis): string {
  if (axis === 'step') return `step ${formatNumber(x)}`
  return axis === 'time' ? formatTime(x * 1000) : `after ${formatDuration(x * 1000)}`
}

function inWords({ series, label }: Curve): string {
  const [low, high] = bounds(series.values)
  const last = series.values.at(-1)
  if (last === undefined) return `${label} has no points`
  return `${label}: ${formatCount(series.values.length, 'point')} from ${formatNumber(low)} to ${formatNumber(high)}, last ${formatNumber(last)}`
}
