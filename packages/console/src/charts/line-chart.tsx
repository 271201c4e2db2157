import { useEffect, useRef } from 'react'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useIsDark } from '../app/theme.ts'
import { formatNumber } from '../format/format.ts'
import styles from './line-chart.module.css'
import { lineChartOptions } from './line-chart-options.ts'
import { alignLines, type Line, type Reading, type XAxis } from './series-data.ts'

export interface LineChartProps {
  readonly lines: readonly Line[]
  readonly axis: XAxis
  readonly isLog: boolean
  /** The y axis begins at zero and ends at a round number, so that it rarely moves while values come in. */
  readonly isFromZero?: boolean
  /** Writes the ticks of the y axis. */
  readonly formatY?: (value: number) => string
  readonly heightPx: number
  /** Said to readers who do not see the chart. */
  readonly label: string
  readonly onReading: (reading: Reading | undefined) => void
}

/** Curves over one x axis; drag to zoom, double click to see all again. Cursors of all charts on a page move together. */
export function LineChart(props: LineChartProps) {
  const { lines, axis, isLog, isFromZero = false, formatY = formatNumber, heightPx, label, onReading } = props
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<UPlot>(null)
  const isDark = useIsDark()
  const report = useRef(onReading)
  report.current = onReading
  const looks = JSON.stringify(lines.map(({ colour, isRaw, hasGaps }) => [colour, isRaw, hasGaps]))
  const current = useRef(lines)
  current.current = lines

  // biome-ignore lint/correctness/useExhaustiveDependencies: other colours need another chart
  useEffect(() => {
    const element = box.current
    if (!element) return
    const options = lineChartOptions({
      lines: current.current,
      axis,
      ...{ isLog, isFromZero, formatY },
      widthPx: element.clientWidth,
      heightPx,
      onReading: (reading) => report.current(reading),
    })
    const plot = new UPlot(options, alignLines(current.current) as UPlot.AlignedData, element)
    chart.current = plot
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: heightPx }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.destroy()
      chart.current = null
    }
  }, [looks, axis, isLog, isFromZero, heightPx, isDark])

  useEffect(() => {
    const plot = chart.current
    if (!plot) return
    const isZoomed = isZoomedIn(plot)
    const { min, max } = plot.scales.x!
    plot.setData(alignLines(lines) as UPlot.AlignedData)
    if (isZoomed && min != null && max != null) plot.setScale('x', { min, max })
  }, [lines])

  return <div ref={box} className={styles.chart} style={{ height: heightPx }} role="img" aria-label={label} />
}

function isZoomedIn(plot: UPlot): boolean {
  const xs = plot.data[0]
  const { min, max } = plot.scales.x!
  return min != null && max != null && xs.length > 1 && (min > xs[0]! || max < xs.at(-1)!)
}
