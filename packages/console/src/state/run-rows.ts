import type { Run } from '../client/records.ts'
import { groupBy } from './group-by.ts'
import { cellValue, type RunColumn } from './run-columns.ts'

export type RunRow =
  | {
      readonly kind: 'run'
      readonly id: string
      readonly run: Run
      readonly depth: number
      readonly childCount: number
      readonly isOpen: boolean
    }
  | {
      readonly kind: 'group'
      readonly id: string
      /** undefined for the runs that have no value. */
      readonly value: string | undefined
      readonly runs: readonly Run[]
      readonly isOpen: boolean
    }

const PARENT_TAG = 'mlflow.parentRunId'

/**
 * The rows of the table in the order of the runs. Children stand below their parent, where that is among the runs, and
 * show when it is open; a child whose parent is not there stands for itself.
 */
export function nestedRows(runs: readonly Run[], open: ReadonlySet<string>): RunRow[] {
  const known = new Set(runs.map(({ id }) => id))
  const children = groupBy(runs, (run) => parentOf(run, known))
  const rows: RunRow[] = []
  const add = (list: readonly Run[], depth: number): void => {
    for (const run of list) {
      const below = children.get(run.id) ?? []
      const isOpen = open.has(run.id)
      rows.push({ kind: 'run', id: run.id, run, depth, childCount: below.length, isOpen })
      if (isOpen) add(below, depth + 1)
    }
  }
  add(children.get(undefined) ?? [], 0)
  return rows
}

function parentOf(run: Run, known: ReadonlySet<string>): string | undefined {
  const parent = run.tags[PARENT_TAG]
  return parent !== undefined && parent !== run.id && known.has(parent) ? parent : undefined
}

/** The runs by the value of a column: groups in the order of their first runs, open unless they are closed. */
export function groupedRows(runs: readonly Run[], column: RunColumn, closed: ReadonlySet<string>): RunRow[] {
  const groups = groupBy(runs, (run) => {
    const value = cellValue(run, column)
    return value === undefined ? undefined : String(value)
  })
  return [...groups].flatMap(([value, members]): RunRow[] => {
    const id = `group:${value ?? ''}${value === undefined ? ':none' : ''}`
    const isOpen = !closed.has(id)
    const head: RunRow = { kind: 'group', id, value, runs: members, isOpen }
    const below = isOpen ? members.map((run) => toFlatRow(run)) : []
    return [head, ...below]
  })
}

const toFlatRow = (run: Run): RunRow => ({ kind: 'run', id: run.id, run, depth: 1, childCount: 0, isOpen: false })

export interface ColumnSummary {
  readonly mean: number
  readonly low: number
  readonly high: number
}

/** Mean and range of a numeric column; undefined where no run has a finite value. */
export function summarise(runs: readonly Run[], column: RunColumn): ColumnSummary | undefined {
  const values = runs.map((run) => cellValue(run, column)).filter((value) => Number.isFinite(value)) as number[]
  if (values.length === 0) return undefined
  const sum = values.reduce((total, value) => total + value, 0)
  return {
    mean: sum / values.length,
    low: values.reduce((a, b) => Math.min(a, b)),
    high: values.reduce((a, b) => Math.max(a, b)),
  }
}

/** Runs in the order of a column that the server cannot sort by; those without a value come last. */
export function sortedRuns(runs: readonly Run[], column: RunColumn, descending: boolean): Run[] {
  const sign = descending ? -1 : 1
  return [...runs].sort((a, b) => {
    const [left, right] = [cellValue(a, column), cellValue(b, column)]
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined)
    return sign * (left < right ? -1 : left > right ? 1 : 0)
  })
}
