import {
  barChart,
  type Cell,
  chart,
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  intervalChart,
  paragraph,
  type Section,
  section,
  table,
} from '../report/index.ts'
import type { LabelIssues } from './label-issues.ts'
import type { Latency, LatencySummary } from './measure-latency.ts'
import type { Importance } from './report-input.ts'

const MAX_IMPORTANCES = 20

export function importanceSection(importances: readonly Importance[]): Section {
  const shown = importances.slice(0, MAX_IMPORTANCES)
  const label = `Importance of ${shown.map((column) => column.name).join(', ')}`
  const bars = shown.every((column) => column.low === undefined)
  return section({
    id: 'importance',
    title: 'What the model looks at',
    blocks: [
      chart({
        title: 'Importance of columns',
        ...(importances.length > shown.length
          ? { caption: `The first ${shown.length} of ${importances.length}.` }
          : {}),
        svg: bars
          ? barChart({ label, bars: shown, x: 'importance', unit: 'number' })
          : intervalChart({
              label,
              rows: shown.map((column) => ({ low: column.value, high: column.value, ...column })),
              x: 'importance',
            }),
      }),
    ],
  })
}

export function labelSection({ issues, share }: LabelIssues): Section {
  const intro = `Training rows whose label a model that had not seen them confidently contradicts (confident learning): ${formatCount(issues.length)}, ${formatPercent(share)}.`
  if (issues.length === 0) return section({ id: 'labels', title: 'Suspected labels', blocks: [paragraph(intro)] })
  return section({
    id: 'labels',
    title: 'Suspected labels',
    intro,
    blocks: [
      table({
        caption: 'Most suspicious first',
        openRows: 8,
        columns: [
          { label: 'Row', kind: 'number' },
          { label: 'Label' },
          { label: 'Suggested' },
          { label: 'Given to the label', kind: 'number' },
          { label: 'Given to the suggestion', kind: 'number' },
        ],
        rows: issues
          .slice(0, 50)
          .map(({ row, given, suggested, givenProbability, suggestedProbability }): Cell[] => [
            formatCount(row),
            given,
            suggested,
            formatPercent(givenProbability),
            formatPercent(suggestedProbability),
          ]),
      }),
    ],
  })
}

export function latencySection(latency: Latency, sizeBytes: number | undefined): Section {
  const { batch } = latency
  const row = (name: string, summary: LatencySummary): Cell[] => [
    name,
    formatDuration(summary.p50),
    formatDuration(summary.p95),
    formatDuration(summary.p99),
    formatCount(summary.calls),
  ]
  const throughput = batch ? ` ${formatCount(batch.rowsPerSecond)} rows a second in batches.` : ''
  const size = sizeBytes === undefined ? '' : ` The model takes ${formatBytes(sizeBytes)}.`
  return section({
    id: 'latency',
    title: 'Latency',
    intro: `Measured on this machine, one call after the other, after warming up.${throughput}${size}`,
    blocks: [
      table({
        caption: 'Time of one call',
        columns: [
          { label: 'Call' },
          ...['p50', 'p95', 'p99', 'Calls'].map((label) => ({ label, kind: 'number' as const })),
        ],
        rows: [row('one row', latency), ...(batch ? [row(`${formatCount(batch.rows)} rows`, batch)] : [])],
      }),
    ],
  })
}
