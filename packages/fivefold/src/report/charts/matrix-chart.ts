import * as Plot from '@observablehq/plot'
import { withoutControls } from '../escape.ts'
import { formatCount, formatFixed, formatPercent, shortened } from '../format.ts'
import { labelMargin } from './distribution-charts.ts'
import { type ChartFrame, plotSvg } from './plot-svg.ts'

export interface MatrixOptions extends ChartFrame {
  readonly rows: readonly string[]
  readonly columns: readonly string[]
  /** `values[row][column]`; NaN and null are left blank. */
  readonly values: readonly (readonly (number | null)[])[]
  /** What decides the shade, where it is not the value itself: shares of the row for a confusion matrix. In [0, 1]. */
  readonly shades?: readonly (readonly (number | null)[])[]
  readonly x: string
  readonly y: string
  readonly unit?: 'count' | 'share' | 'number'
  /** What stands in the cells, lines parted by newlines; the value where absent, or nothing where there is no room. */
  readonly texts?: readonly (readonly string[])[]
}

interface MatrixCell {
  readonly row: number
  readonly column: number
  readonly value: number
  readonly shade: number
}

/** Shaded cells: associations, confusion. The shade is the size of the value; its sign is written and coloured. */
export function matrixChart(options: MatrixOptions): string {
  const { rows, columns, x, y, unit = 'number', texts, ...frame } = options
  const show = { count: formatCount, share: formatPercent, number: (value: number) => formatFixed(value, 2) }[unit]
  const cells = cellsOf(options)
  const rowNames = rows.map((name) => shortened(withoutControls(name), 24))
  const columnNames = columns.map((name) => shortened(withoutControls(name), 24))
  const left = labelMargin(rowNames) + (y ? 18 : 4)
  const size = Math.max(12, Math.min(largestCell(columns.length), Math.floor((760 - left) / columns.length)))
  const labels = size >= SMALLEST_LABELLED_CELL
  const isTilted = columnNames.some((name) => name.length * 6.5 > size)
  const below = (isTilted ? labelMargin(columnNames) * 0.7 : 16) + (x ? 28 : 12)
  const textOf = (cell: MatrixCell): string => texts?.[cell.row]?.[cell.column] ?? show(cell.value)
  return plotSvg(
    {
      width: left + size * columns.length + 20,
      height: 24 + size * rows.length * (labels ? 0.72 : 1) + below,
      label: frame.label,
    },
    {
      marginLeft: left,
      marginBottom: below,
      marginTop: 24,
      x: {
        domain: columns.map((_, i) => i),
        tickFormat: (i: number) => columnNames[i] ?? '',
        ...(isTilted && { tickRotate: -40 }),
        label: x || null,
        labelArrow: 'none',
        tickSize: 0,
        labelAnchor: 'right',
        axis: 'bottom',
      },
      y: {
        domain: rows.map((_, i) => i),
        tickFormat: (i: number) => rowNames[i] ?? '',
        label: y || null,
        labelOffset: left - 6,
        labelArrow: 'none',
        tickSize: 0,
      },
      marks: [
        Plot.cell(cells, {
          x: 'column',
          y: 'row',
          fill: (cell) => (cell.value < 0 ? 'var(--c2,#c05800)' : 'var(--c1,#0b6fb3)'),
          fillOpacity: (cell) => 0.04 + 0.86 * cell.shade,
          inset: 0.5,
          title: (cell) => `${rowNames[cell.row]} × ${columnNames[cell.column]}: ${show(cell.value)}`,
        }),
        ...(labels
          ? [
              Plot.text(cells, {
                x: 'column',
                y: 'row',
                text: textOf,
                fill: (cell) => (cell.shade > 0.55 ? 'var(--bg,#fff)' : 'currentColor'),
              }),
            ]
          : []),
      ],
      color: { type: 'identity' },
      opacity: { type: 'identity' },
    } as Plot.PlotOptions,
  )
}

/** Few cells are larger, so that a matrix of two classes is no stamp. */
function largestCell(columns: number): number {
  if (columns <= 3) return 96
  return columns <= 8 ? 64 : 46
}

const SMALLEST_LABELLED_CELL = 22

function cellsOf({ values, shades }: MatrixOptions): MatrixCell[] {
  const shadeOf = (row: number, column: number, value: number): number =>
    Math.min(1, Math.max(0, Math.abs(shades?.[row]?.[column] ?? value)))
  return values.flatMap((cellsOfRow, row) =>
    cellsOfRow.flatMap((value, column) =>
      value === null || !Number.isFinite(value) ? [] : [{ row, column, value, shade: shadeOf(row, column, value) }],
    ),
  )
}
