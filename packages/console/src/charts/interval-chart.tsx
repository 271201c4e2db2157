import { formatNumber } from '../format/format.ts'
import { linearScale } from './chart-scales.ts'
import styles from './interval-chart.module.css'

export interface IntervalRow {
  readonly label: string
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
  readonly tone: 'plain' | 'good' | 'bad'
}

const WIDTH = 560
const ROW = 30
const LEFT = 110
const RIGHT = 24
const FOOT = 26

/** Differences with their intervals beside a line at zero; what has no interval yet is named all the same. */
export function IntervalChart({ title, rows }: { readonly title: string; readonly rows: readonly IntervalRow[] }) {
  const ends = rows.flatMap(({ low, high }) => (low === null || high === null ? [] : [low, high]))
  const scale = linearScale([0, ...ends], [LEFT, WIDTH - RIGHT], { margin: 0.06 })
  const height = rows.length * ROW + FOOT
  return (
    <figure className={styles.figure}>
      <figcaption>{title}</figcaption>
      <svg role="img" aria-label={`${title}: ${rows.map(inWords).join('; ')}`} viewBox={`0 0 ${WIDTH} ${height}`}>
        {ends.length > 0 &&
          scale.ticks.map((tick) => (
            <g key={tick} className={styles.tick}>
              <line x1={scale.at(tick)} x2={scale.at(tick)} y1="0" y2={height - FOOT} />
              <text x={scale.at(tick)} y={height - 8} textAnchor="middle">
                {formatNumber(tick)}
              </text>
            </g>
          ))}
        <line className={styles.zero} x1={scale.at(0)} x2={scale.at(0)} y1="0" y2={height - FOOT} />
        {rows.map((row, i) => (
          <Row key={row.label} row={row} y={(i + 0.5) * ROW} at={scale.at} />
        ))}
      </svg>
    </figure>
  )
}

function Row({
  row,
  y,
  at,
}: {
  readonly row: IntervalRow
  readonly y: number
  readonly at: (value: number) => number
}) {
  const { label, value, low, high, tone } = row
  return (
    <g className={styles[tone]}>
      <text x="0" y={y + 4} className={styles.label}>
        {label}
      </text>
      {low === null || high === null || value === null ? (
        <text x={LEFT + 8} y={y + 4} className={styles.unknown}>
          too few units for an interval
        </text>
      ) : (
        <>
          <line x1={at(low)} x2={at(high)} y1={y} y2={y} strokeWidth="3" strokeLinecap="round" />
          <circle cx={at(value)} cy={y} r="5" />
        </>
      )}
    </g>
  )
}

const inWords = ({ label, value, low, high }: IntervalRow): string =>
  low === null || high === null || value === null
    ? `${label} is not known yet`
    : `${label} ${formatNumber(value)}, from ${formatNumber(low)} to ${formatNumber(high)}`
