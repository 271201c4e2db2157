import { memo } from 'react'
import { links } from '../../app/links.ts'
import type { Run } from '../../client/records.ts'
import { Status } from '../../components/status.tsx'
import { Age, Duration } from '../../components/time.tsx'
import { cellValue, type RunColumn } from '../../state/run-columns.ts'

/** The value of a run in a column, as its kind is written. */
export const RunCell = memo(function RunCell({
  run,
  column,
  format,
}: {
  readonly run: Run
  readonly column: RunColumn
  /** How the numbers of the column are written. */
  readonly format: (value: number) => string
}) {
  if (column.kind === 'attribute') {
    if (column.key === 'started') return <Age timeMs={run.startedMs} />
    if (column.key === 'status') return <Status status={run.status} />
    if (column.key === 'duration')
      return <Duration startMs={run.startedMs} endMs={run.endedMs} isRunning={run.status === 'running'} />
    if (column.key === 'runId')
      return (
        <a href={links.run(run.id)} tabIndex={-1}>
          {run.id}
        </a>
      )
  }
  const value = cellValue(run, column)
  if (value === undefined) return null
  return <>{typeof value === 'number' ? format(value) : value}</>
})

/** Cut texts show whole on pointing at them. */
export function cellTitle(run: Run, column: RunColumn): string | undefined {
  if (column.kind === 'attribute' && column.key === 'started') return undefined
  const value = cellValue(run, column)
  return value === undefined ? undefined : String(value)
}
