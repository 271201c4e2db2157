import type { ServedColumn } from '../../serving/index.ts'
import { markdownCell } from './markdown-cell.ts'

const MAX_NAMED_CATEGORIES = 8

/** The raw columns of the model as a table in Markdown. */
export function columnTable(columns: readonly ServedColumn[]): string {
  const rows = columns.map(
    (column) =>
      `| ${markdownCell(column.name)} | ${column.type} | ${column.nullable ? 'yes' : 'no'} | ${seenInTraining(column)} | ${markdownCell(column.meaning ?? '')} |`,
  )
  return ['| column | type | may be missing | in training | meaning |', '|---|---|---|---|---|', ...rows].join('\n')
}

function seenInTraining({ type, range, categories }: ServedColumn): string {
  if (range) return range.map((bound) => boundText(bound, type)).join(' to ')
  if (!categories?.length) return ''
  const named = categories.slice(0, MAX_NAMED_CATEGORIES).map(markdownCell).join(', ')
  return categories.length > MAX_NAMED_CATEGORIES
    ? `${named} and ${categories.length - MAX_NAMED_CATEGORIES} more`
    : named
}

const boundText = (value: number, type: string): string =>
  type === 'datetime' && Math.abs(value) <= 8.64e15 ? new Date(value).toISOString() : String(value)
