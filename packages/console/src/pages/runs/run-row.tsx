import { memo } from 'react'
import { links } from '../../app/links.ts'
import { Icon } from '../../components/icon.tsx'
import { Status } from '../../components/status.tsx'
import { formatCount } from '../../format/format.ts'
import type { RunColumn } from '../../state/run-columns.ts'
import { type RunRow, summarise } from '../../state/run-rows.ts'
import { cellTitle, RunCell } from './run-cell.tsx'
import styles from './run-table.module.css'

export interface RowProps<R extends RunRow = RunRow> {
  readonly row: R
  readonly columns: readonly RunColumn[]
  /** How the numbers of each column are written. */
  readonly formats: readonly ((value: number) => string)[]
  /** Place in the whole table, from 1; the head has the first two. */
  readonly place: number
  readonly isActive: boolean
  readonly isSelected: boolean
  readonly onActive: (id: string) => void
  readonly onSelect: (id: string, isRange: boolean) => void
  readonly onOpen: (id: string) => void
}

export const rowDomId = (id: string): string => `row-${id}`

export const TableRow = memo(function TableRow(props: RowProps) {
  return props.row.kind === 'group' ? <GroupRow {...props} row={props.row} /> : <SingleRow {...props} row={props.row} />
})

function SingleRow({
  row,
  columns,
  formats,
  place,
  isActive,
  isSelected,
  onActive,
  onSelect,
  onOpen,
}: RowProps<RunRow & { kind: 'run' }>) {
  const { run, depth, childCount, isOpen } = row
  return (
    <tr
      id={rowDomId(run.id)}
      className={isActive ? styles.active : undefined}
      aria-rowindex={place}
      aria-selected={isSelected}
      aria-expanded={childCount > 0 ? isOpen : undefined}
      onClick={() => onActive(run.id)}
    >
      <td className={styles.check}>
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Select ${run.name}`}
          checked={isSelected}
          readOnly
          onClick={(event) => onSelect(run.id, event.shiftKey)}
        />
      </td>
      <th scope="row" className={styles.name} style={{ paddingInlineStart: 4 + depth * 18 }}>
        <span className={styles.nameLine}>
          {childCount > 0 ? (
            <button
              type="button"
              tabIndex={-1}
              className={styles.twist}
              aria-label={`Children of ${run.name}`}
              onClick={() => onOpen(run.id)}
            >
              <Icon name={isOpen ? 'down' : 'right'} size={12} />
            </button>
          ) : (
            <span className={styles.twist} />
          )}
          <Status status={run.status} isBare />
          <a href={links.run(run.id)} tabIndex={-1} title={run.name}>
            {run.name}
          </a>
          {childCount > 0 && <span className={styles.count}>{childCount}</span>}
        </span>
      </th>
      {columns.map((column, i) => (
        <td key={column.id} className={column.isNumeric ? styles.numeric : undefined} title={cellTitle(run, column)}>
          <RunCell run={run} column={column} format={formats[i]!} />
        </td>
      ))}
      <td />
    </tr>
  )
}

function GroupRow({ row, columns, formats, place, isActive, onActive, onOpen }: RowProps<RunRow & { kind: 'group' }>) {
  const { id, value, runs, isOpen } = row
  return (
    <tr
      id={rowDomId(id)}
      className={`${styles.group} ${isActive ? styles.active : ''}`}
      aria-rowindex={place}
      aria-expanded={isOpen}
      onClick={() => onActive(id)}
    >
      <td className={styles.check} />
      <th scope="row" className={styles.name}>
        <span className={styles.nameLine}>
          <button
            type="button"
            tabIndex={-1}
            className={styles.twist}
            aria-label={`Group ${value ?? 'none'}`}
            onClick={() => onOpen(id)}
          >
            <Icon name={isOpen ? 'down' : 'right'} size={12} />
          </button>
          <span className={value === undefined ? styles.none : styles.groupName} title={value}>
            {value ?? 'none'}
          </span>
          <span className={styles.count} title={formatCount(runs.length, 'run')}>
            {runs.length.toLocaleString('en-US')}
          </span>
        </span>
      </th>
      {columns.map((column, i) => (
        <GroupCell key={column.id} row={row} column={column} format={formats[i]!} />
      ))}
      <td />
    </tr>
  )
}

function GroupCell({
  row,
  column,
  format,
}: {
  readonly row: RunRow & { kind: 'group' }
  readonly column: RunColumn
  readonly format: (value: number) => string
}) {
  const summary = column.kind === 'metric' ? summarise(row.runs, column) : undefined
  if (!summary) return <td />
  const range = `mean of ${row.runs.length}; ${format(summary.low)} to ${format(summary.high)}`
  return (
    <td className={styles.numeric} title={range}>
      <span className={styles.mean}>⌀</span> {format(summary.mean)}
    </td>
  )
}
