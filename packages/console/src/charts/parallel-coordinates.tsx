import { useState } from 'react'
import { links } from '../app/links.ts'
import type { Run } from '../client/records.ts'
import { formatNumber } from '../format/format.ts'
import { type ChartAxis, chartAxis } from './chart-axes.ts'
import styles from './svg-chart.module.css'

const TOP = 34
const BOTTOM = 16
const HEIGHT = 380
const SIDE = 70
const AXIS_WIDTH = 150

/** Each axis upright, each run a line through all of them; the last axis gives the colour. */
export function ParallelCoordinates({
  runs,
  axisIds,
}: {
  readonly runs: readonly Run[]
  readonly axisIds: readonly string[]
}) {
  const [pointed, setPointed] = useState<string>()
  const axes = axisIds.map((id) => chartAxis(id, runs, [HEIGHT - BOTTOM, TOP], formatNumber))
  const width = SIDE * 2 + AXIS_WIDTH * (axes.length - 1)
  const xOf = (index: number): number => SIDE + index * AXIS_WIDTH
  const colourAxis = axes.at(-1)
  const run = runs.find(({ id }) => id === pointed)
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.reading}>
        {run ? (
          <>
            <a href={links.run(run.id)}>{run.name}</a>
            {axes.map((axis) => (
              <span key={axis.label}>
                {axis.label} <strong>{axis.text(run)}</strong>
              </span>
            ))}
          </>
        ) : (
          <span>Point at a line to read it. The colour follows {colourAxis?.label}.</span>
        )}
      </figcaption>
      <div className={styles.scroll}>
        <svg
          role="img"
          aria-label={`Parallel coordinates of ${runs.length} runs over ${axes.map(({ label }) => label).join(', ')}`}
          viewBox={`0 0 ${width} ${HEIGHT}`}
          style={{ minWidth: width * 0.75, width: '100%', maxWidth: Math.max(width, 1100) }}
        >
          {[...runs]
            .sort((a, b) => Number(a.id === pointed) - Number(b.id === pointed))
            .map((one) => (
              <path
                key={one.id}
                d={pathThrough(axes, one, xOf)}
                className={
                  pointed === undefined ? styles.line : one.id === pointed ? styles.pointedLine : styles.faintLine
                }
                style={{ stroke: shade(colourAxis?.share(one)) }}
                onPointerEnter={() => setPointed(one.id)}
              />
            ))}
          {axes.map((axis, i) => (
            <UprightAxis key={axis.label} axis={axis} x={xOf(i)} />
          ))}
        </svg>
      </div>
    </figure>
  )
}

function UprightAxis({ axis, x }: { readonly axis: ChartAxis; readonly x: number }) {
  return (
    <g className={styles.axis}>
      <text x={x} y={16} textAnchor="middle" className={styles.axisName}>
        {shortened(axis.label)}
        <title>{axis.label}</title>
      </text>
      <line x1={x} x2={x} y1={TOP} y2={HEIGHT - BOTTOM} />
      {axis.ticks.map(({ at, label }) => (
        <text key={label} x={x - 6} y={at + 4} textAnchor="end">
          {shortened(label)}
        </text>
      ))}
    </g>
  )
}

const MOST_LETTERS = 20
const shortened = (text: string): string => (text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS - 1)}…` : text)

/** A run without a value on an axis leaves a gap there. */
function pathThrough(axes: readonly ChartAxis[], run: Run, xOf: (index: number) => number): string {
  let isDown = false
  return axes
    .map((axis, i) => {
      const y = axis.at(run)
      const step = y === undefined ? '' : `${isDown ? 'L' : 'M'}${xOf(i)} ${y.toFixed(1)}`
      isDown = y !== undefined
      return step
    })
    .join('')
}

/** From one end of a scale that colour-blind readers can follow to the other. */
function shade(share: number | undefined): string {
  if (share === undefined) return 'var(--edge)'
  return `color-mix(in oklch, var(--series-0) ${Math.round((1 - share) * 100)}%, var(--series-1))`
}
