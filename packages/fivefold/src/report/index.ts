export {
  type Block,
  type Card,
  type CardsBlock,
  type Cell,
  callout,
  cards,
  chart,
  columns,
  type DocumentInput,
  details,
  type Fact,
  type Inline,
  type KeyFigure,
  keyFigures,
  list,
  paragraph,
  type Section,
  type SectionInput,
  section,
  type TableBlock,
  type TableColumn,
  type Text,
  type Tone,
  table,
} from './blocks.ts'
export {
  type Curve,
  type CurveOptions,
  type CurvePoint,
  curveChart,
  type TimeOptions,
  type TimePoint,
  type TimeSeries,
  timeChart,
} from './charts/curve-charts.ts'
export {
  type Bar,
  type BarOptions,
  barChart,
  type HistogramBin,
  type HistogramOptions,
  histogramChart,
} from './charts/distribution-charts.ts'
export { type IntervalOptions, type IntervalRow, intervalChart } from './charts/interval-chart.ts'
export { type MatrixOptions, matrixChart } from './charts/matrix-chart.ts'
export type { ChartFrame } from './charts/plot-svg.ts'
export { type ScatterOptions, scatterChart } from './charts/scatter-chart.ts'
export { sparkline } from './charts/sparkline.ts'
export { htmlDocument } from './document.ts'
export { anchorOf, escapeHtml, escapeMarkdown } from './escape.ts'
export {
  formatAlike,
  formatBytes,
  formatCount,
  formatDuration,
  formatFixed,
  formatInterval,
  formatNumber,
  formatPercent,
  formatPValue,
  formatTime,
  shortened,
  type ValueWithInterval,
} from './format.ts'
export { markdownTable, markdownText, notebookCells } from './markdown.ts'
export { type CellOutput, type NotebookCell, type NotebookInput, notebook } from './notebook.ts'
