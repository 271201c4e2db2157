import {
  type Cell,
  chart,
  formatBytes,
  formatCount,
  formatDuration,
  formatInterval,
  formatPercent,
  intervalChart,
  paragraph,
  type Section,
  section,
  table,
} from '../report/index.ts'
import type { LabelIssues } from './label-issues.ts'
import type { Latency, LatencySummary } from './measure-latency.ts'
import type { PermutationImportance } from './permutation-importance.ts'
import { rowCells, rowColumns } from './row-cells.ts'

const MAX_IMPORTANCES = 20

export function importanceSection({ metric, rows, columns }: PermutationImportance): Section {
  const shown = columns.slice(0, MAX_IMPORTANCES)
  const label = `Importance of ${shown.map((column) => `${column.name} ${formatInterval(column)}`).join(', ')}`
  const left = columns.length > shown.length ? ` The first ${shown.length} of ${columns.length} columns.` : ''
  return section({
    id: 'importance',
    title: 'What the model looks at',
    intro: `How much worse ${metric} becomes on ${formatCount(rows)} test rows when the values of one column are shuffled among them, so that they say nothing (permutation importance). Columns that say the same stand in for each other: each may look unimportant while both together are not.`,
    blocks: [
      chart({
        title: 'Importance of columns',
        caption: `Loss of ${metric} with its 95% interval.${left}`,
        svg: intervalChart({ label, rows: shown, x: `loss of ${metric}`, level: 0 }),
      }),
    ],
  })
}

export function labelSection({ issues, share, idColumn }: LabelIssues): Section {
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
          ...rowColumns(idColumn),
          { label: 'Label' },
          { label: 'Suggested' },
          { label: 'Given to the label', kind: 'number' },
          { label: 'Given to the suggestion', kind: 'number' },
        ],
        rows: issues
          .slice(0, 50)
          .map((issue): Cell[] => [
            ...rowCells(issue, idColumn),
            issue.given,
            issue.suggested,
            formatPercent(issue.givenProbability),
            formatPercent(issue.suggestedProbability),
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
