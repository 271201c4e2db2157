import { type KeyboardEvent, useCallback, useMemo, useRef, useState } from 'react'
import { links } from '../../app/links.ts'
import { navigate } from '../../app/location.ts'
import { Icon } from '../../components/icon.tsx'
import { columnFormat } from '../../format/format.ts'
import { type ColumnKind, cellValue, type RunColumn } from '../../state/run-columns.ts'
import type { RunRow } from '../../state/run-rows.ts'
import { nextSort, type SortOrder } from '../../state/run-view.ts'
import { rowDomId, TableRow } from './run-row.tsx'
import styles from './run-table.module.css'
import { useVirtualRows } from './use-virtual-rows.ts'

const ROW_PX = 32
const HEAD_PX = 52
const NAME_PX = 268
const CHECK_PX = 34

export interface RunTableProps {
  readonly rows: readonly RunRow[]
  readonly columns: readonly RunColumn[]
  readonly sort: SortOrder
  readonly onSort: (sort: SortOrder) => void
  readonly selected: ReadonlySet<string>
  readonly onSelected: (selected: ReadonlySet<string>) => void
  /** Opens or closes a group or the children of a run. */
  readonly onToggle: (rowId: string) => void
  /** What is shown is of an earlier question; the new answer is on its way. */
  readonly isStale: boolean
}

/** The run table: only the rows that are seen are in the page, however many there are. */
export function RunTable({ rows, columns, sort, onSort, selected, onSelected, onToggle, isStale }: RunTableProps) {
  const box = useRef<HTMLDivElement>(null)
  const { start, end, reveal } = useVirtualRows(box, rows.length, ROW_PX, HEAD_PX)
  const [activeId, setActiveId] = useState<string>()
  const { onSelect, selectAll } = useSelection(rows, selected, onSelected)
  const onKeyDown = useTableKeys({
    rows,
    activeId,
    setActiveId,
    reveal,
    onSelect,
    onToggle,
    clear: () => onSelected(new Set()),
  })
  const formats = useMemo(() => columns.map((column) => numberFormat(column, rows)), [columns, rows])
  const runCount = useMemo(() => rows.filter(({ kind }) => kind === 'run').length, [rows])
  const width = CHECK_PX + NAME_PX + columns.reduce((sum, column) => sum + column.widthPx, 0)
  const activeIsDrawn = rows.slice(start, end).some(({ id }) => id === activeId)

  return (
    <div ref={box} className={isStale ? styles.stale : styles.box}>
      <table
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table of which rows are chosen is a grid
        role="grid"
        className={styles.table}
        style={{ minWidth: width }}
        aria-label="Runs"
        aria-multiselectable="true"
        aria-rowcount={rows.length + 2}
        aria-busy={isStale}
        aria-activedescendant={activeId !== undefined && activeIsDrawn ? rowDomId(activeId) : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          if (event.target === event.currentTarget) setActiveId((id) => id ?? rows[0]?.id)
        }}
      >
        <colgroup>
          <col style={{ width: CHECK_PX }} />
          <col style={{ width: NAME_PX }} />
          {columns.map(({ id, widthPx }) => (
            <col key={id} style={{ width: widthPx }} />
          ))}
          <col />
        </colgroup>
        <thead>
          <KindRow columns={columns} />
          <tr aria-rowindex={2}>
            <th className={styles.check}>
              <input
                type="checkbox"
                aria-label="Select all runs"
                checked={runCount > 0 && selected.size >= runCount}
                onChange={selectAll}
              />
            </th>
            <HeadCell id="attribute:name" label="Run" sort={sort} onSort={onSort} className={styles.name} />
            {columns.map(({ id, label, isNumeric }) => (
              <HeadCell
                key={id}
                id={id}
                label={label}
                sort={sort}
                onSort={onSort}
                className={isNumeric ? styles.numeric : undefined}
              />
            ))}
            <th />
          </tr>
        </thead>
        <tbody>
          <Spacer heightPx={start * ROW_PX} />
          {rows.slice(start, end).map((row, i) => (
            <TableRow
              key={row.id}
              row={row}
              columns={columns}
              formats={formats}
              place={start + i + 3}
              isActive={row.id === activeId}
              isSelected={selected.has(row.id)}
              onActive={setActiveId}
              onSelect={onSelect}
              onOpen={onToggle}
            />
          ))}
          <Spacer heightPx={(rows.length - end) * ROW_PX} />
        </tbody>
      </table>
    </div>
  )
}

/** The first rows stand for all: a column keeps its decimals while more rows come. */
const FORMAT_ROWS = 200

function numberFormat(column: RunColumn, rows: readonly RunRow[]): (value: number) => string {
  const values = rows
    .slice(0, FORMAT_ROWS)
    .map((row) => (row.kind === 'run' ? cellValue(row.run, column) : undefined))
    .filter((value) => typeof value === 'number')
  return columnFormat(values)
}

function Spacer({ heightPx }: { readonly heightPx: number }) {
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus
  return heightPx > 0 ? <tr aria-hidden="true" className={styles.spacer} style={{ height: heightPx }} /> : null
}

const KIND_WORDS: Readonly<Record<ColumnKind, string>> = {
  attribute: '',
  metric: 'Metrics',
  param: 'Parameters',
  tag: 'Tags',
}

/** Names the kinds of columns above neighbours of one kind. */
function KindRow({ columns }: { readonly columns: readonly RunColumn[] }) {
  const spans: { kind: ColumnKind; id: string; count: number }[] = []
  for (const { kind, id } of columns) {
    const last = spans.at(-1)
    if (last?.kind === kind) last.count++
    else spans.push({ kind, id, count: 1 })
  }
  return (
    <tr className={styles.kinds} aria-rowindex={1}>
      <th className={styles.check} />
      <th className={styles.name} />
      {spans.map(({ kind, id, count }) => (
        <th key={id} colSpan={count} scope="colgroup">
          <span>{KIND_WORDS[kind]}</span>
        </th>
      ))}
      <th />
    </tr>
  )
}

function HeadCell(props: {
  readonly id: string
  readonly label: string
  readonly sort: SortOrder
  readonly onSort: (sort: SortOrder) => void
  readonly className?: string | undefined
}) {
  const { id, label, sort, onSort, className } = props
  const isSorted = sort.column === id
  return (
    <th
      scope="col"
      className={className}
      aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : undefined}
    >
      <button type="button" className={styles.sort} title={label} onClick={() => onSort(nextSort(sort, id))}>
        <span>{label}</span>
        {isSorted && <Icon name={sort.descending ? 'downArrow' : 'up'} size={12} />}
      </button>
    </th>
  )
}

function useSelection(
  rows: readonly RunRow[],
  selected: ReadonlySet<string>,
  onSelected: (selected: ReadonlySet<string>) => void,
) {
  const now = useRef({ rows, selected, onSelected, anchor: undefined as string | undefined })
  Object.assign(now.current, { rows, selected, onSelected })
  const onSelect = useCallback((id: string, isRange: boolean) => {
    const { rows, selected, onSelected, anchor } = now.current
    const runIds = rows.filter(({ kind }) => kind === 'run').map((row) => row.id)
    const next = new Set(selected)
    const isAdding = !selected.has(id)
    const [from, to] = [runIds.indexOf(anchor ?? id), runIds.indexOf(id)].sort((a, b) => a - b)
    const changed = isRange && from! >= 0 ? runIds.slice(from, to! + 1) : [id]
    for (const one of changed) isAdding ? next.add(one) : next.delete(one)
    now.current.anchor = id
    onSelected(next)
  }, [])
  const selectAll = (): void => {
    const runIds = rows.filter(({ kind }) => kind === 'run').map(({ id }) => id)
    onSelected(new Set(selected.size >= runIds.length ? [] : runIds))
  }
  return { onSelect, selectAll }
}

interface TableKeys {
  readonly rows: readonly RunRow[]
  readonly activeId: string | undefined
  readonly setActiveId: (id: string) => void
  readonly reveal: (index: number) => void
  readonly onSelect: (id: string, isRange: boolean) => void
  readonly onToggle: (rowId: string) => void
  readonly clear: () => void
}

const PAGE_ROWS = 15

function useTableKeys({ rows, activeId, setActiveId, reveal, onSelect, onToggle, clear }: TableKeys) {
  const index = Math.max(
    0,
    rows.findIndex(({ id }) => id === activeId),
  )
  const row = rows[index]
  const moveTo = (target: number): void => {
    const place = Math.min(rows.length - 1, Math.max(0, target))
    const next = rows[place]
    if (!next) return
    setActiveId(next.id)
    reveal(place)
  }
  const toggleIf = (isOpen: boolean): void => {
    if (row && row.isOpen === isOpen && (row.kind === 'group' || row.childCount > 0)) onToggle(row.id)
  }
  const actions: Readonly<Record<string, (isShift: boolean) => void>> = {
    ArrowDown: () => moveTo(index + 1),
    ArrowUp: () => moveTo(index - 1),
    PageDown: () => moveTo(index + PAGE_ROWS),
    PageUp: () => moveTo(index - PAGE_ROWS),
    Home: () => moveTo(0),
    End: () => moveTo(rows.length - 1),
    ArrowRight: () => toggleIf(false),
    ArrowLeft: () => toggleIf(true),
    ' ': (isShift) => row?.kind === 'run' && onSelect(row.id, isShift),
    Enter: () => (row?.kind === 'run' ? navigate(links.run(row.id)) : row && onToggle(row.id)),
    Escape: clear,
  }
  return (event: KeyboardEvent): void => {
    const action = actions[event.key]
    if (!action || event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return
    event.preventDefault()
    action(event.shiftKey)
  }
}
