import { useMemo, useState } from 'react'
import { formatTime } from '../format/format.ts'
import type { LiveCurve } from '../state/serving/live-sources.ts'
import { seriesColour } from './colours.ts'
import styles from './curve-card.module.css'
import { LineChart } from './line-chart.tsx'
import type { Line, Reading } from './series-data.ts'

/** Curves over the last minutes, from zero on: each with its value under the cursor, else the last. Gaps stay gaps. */
export function LiveChart({
  title,
  timesMs,
  curves,
  format,
  heightPx = 150,
}: {
  readonly title: string
  readonly timesMs: readonly number[]
  readonly curves: readonly LiveCurve[]
  readonly format: (value: number | null | undefined) => string
  readonly heightPx?: number
}) {
  const [reading, setReading] = useState<Reading>()
  const lines = useMemo(() => toLines(timesMs, curves), [timesMs, curves])
  const shown = curves.map(({ values }, i) => (reading ? reading.ys[i] : values.at(-1)))
  return (
    <figure className={styles.card}>
      <figcaption className={styles.head}>
        <strong title={title}>{title}</strong>
        {reading && <span className={styles.place}>{formatTime(reading.x * 1000).slice(11)}</span>}
        {curves.length === 1 && <output>{format(shown[0])}</output>}
      </figcaption>
      <LineChart
        lines={lines}
        axis="time"
        isLog={false}
        isFromZero
        formatY={format}
        heightPx={heightPx}
        label={`${title}: ${curves.map((curve) => inWords(curve, format)).join('; ')}`}
        onReading={setReading}
      />
      {curves.length > 1 && (
        <ul className={styles.legend}>
          {curves.map(({ label }, i) => (
            <li key={label}>
              <span className={styles.key} style={{ background: seriesColour(i) }} />
              <span className={styles.label}>{label}</span>
              <span className={styles.value}>{format(shown[i])}</span>
            </li>
          ))}
        </ul>
      )}
    </figure>
  )
}

const toLines = (timesMs: readonly number[], curves: readonly LiveCurve[]): Line[] => {
  const xs = timesMs.map((timeMs) => timeMs / 1000)
  return curves.map(({ label, values }, colour) => ({
    ...{ label, colour, xs, isRaw: false, hasGaps: true },
    ys: values.map((value) => value ?? Number.NaN),
  }))
}

function inWords({ label, values }: LiveCurve, format: (value: number | null | undefined) => string): string {
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return `${label} is not known`
  const [low, high] = [Math.min(...known), Math.max(...known)]
  return `${label}: now ${format(values.at(-1))}, from ${format(low)} to ${format(high)}`
}
