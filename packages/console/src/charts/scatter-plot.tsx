import { useState } from 'react'
import { links } from '../app/links.ts'
import { navigate } from '../app/location.ts'
import type { Run } from '../client/records.ts'
import { formatNumber } from '../format/format.ts'
import { chartAxis } from './chart-axes.ts'
import { seriesColour } from './colours.ts'
import styles from './svg-chart.module.css'

const WIDTH = 860
const HEIGHT = 420
const LEFT = 76
const BOTTOM = 46
const TOP = 12
const RIGHT = 16

/** Two quantities of some runs as points; a press opens the run. */
export function ScatterPlot({
  runs,
  xId,
  yId,
}: {
  readonly runs: readonly Run[]
  readonly xId: string
  readonly yId: string
}) {
  const [pointed, setPointed] = useState<string>()
  const x = chartAxis(xId, runs, [LEFT, WIDTH - RIGHT], formatNumber)
  const y = chartAxis(yId, runs, [HEIGHT - BOTTOM, TOP], formatNumber)
  const placed = runs.flatMap((run, i) => {
    const [px, py] = [x.at(run), y.at(run)]
    return px === undefined || py === undefined ? [] : [{ run, i, px, py }]
  })
  const run = runs.find(({ id }) => id === pointed)
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.reading}>
        {run ? (
          <>
            <a href={links.run(run.id)}>{run.name}</a>
            <span>
              {x.label} <strong>{x.text(run)}</strong>
            </span>
            <span>
              {y.label} <strong>{y.text(run)}</strong>
            </span>
          </>
        ) : (
          <span>
            {placed.length} of {runs.length} runs have both values.
          </span>
        )}
      </figcaption>
      <svg
        role="img"
        aria-label={`${y.label} over ${x.label} of ${placed.length} runs`}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        style={{ width: '100%', maxWidth: 1000 }}
      >
        <g className={styles.axis}>
          {x.ticks.map(({ at, label }) => (
            <g key={label}>
              <line x1={at} x2={at} y1={TOP} y2={HEIGHT - BOTTOM} />
              <text x={at} y={HEIGHT - BOTTOM + 16} textAnchor="middle">
                {label}
              </text>
            </g>
          ))}
          {y.ticks.map(({ at, label }) => (
            <g key={label}>
              <line x1={LEFT} x2={WIDTH - RIGHT} y1={at} y2={at} />
              <text x={LEFT - 8} y={at + 4} textAnchor="end">
                {label}
              </text>
            </g>
          ))}
          <text x={(LEFT + WIDTH - RIGHT) / 2} y={HEIGHT - 8} textAnchor="middle" className={styles.axisName}>
            {x.label}
          </text>
          <text
            transform={`translate(14 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)`}
            textAnchor="middle"
            className={styles.axisName}
          >
            {y.label}
          </text>
        </g>
        {placed.map(({ run: one, i, px, py }) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: the run table has the same runs as links
          <circle
            key={one.id}
            cx={px}
            cy={py}
            r={one.id === pointed ? 7 : 5}
            className={styles.point}
            style={{ fill: seriesColour(i) }}
            onPointerEnter={() => setPointed(one.id)}
            onClick={() => navigate(links.run(one.id))}
          >
            <title>{one.name}</title>
          </circle>
        ))}
      </svg>
    </figure>
  )
}
