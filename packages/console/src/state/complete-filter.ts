import type { Run } from '../client/records.ts'
import type { RunColumn } from './run-columns.ts'

/** A text that may stand instead of what is before the cursor. */
export interface Completion {
  readonly label: string
  /** Where the replaced text begins; it ends at the cursor. */
  readonly from: number
  readonly insert: string
}

const ATTRIBUTES = ['status', 'run_name', 'start_time', 'end_time', 'user_id', 'run_id'].map(
  (name) => `attributes.${name}`,
)
const STATUSES = ['FINISHED', 'RUNNING', 'FAILED', 'KILLED', 'SCHEDULED']
const MOST = 8

/** What may be meant at the cursor: names where a name is begun, values where a quote is open. */
export function completeFilter(
  text: string,
  cursor: number,
  columns: readonly RunColumn[],
  runs: readonly Run[],
): Completion[] {
  const before = text.slice(0, cursor)
  const isInQuotes = (before.replaceAll("''", '').match(/'/g)?.length ?? 0) % 2 === 1
  return isInQuotes ? completeValue(before, runs) : completeName(before, columns)
}

function completeName(before: string, columns: readonly RunColumn[]): Completion[] {
  const word = /[\p{L}\p{N}_.`/:@-]+$/u.exec(before)?.[0] ?? ''
  if (word === '' || /^[\d.]/.test(word)) return []
  const names = [...columns.filter(({ kind }) => kind !== 'attribute').map(filterName), ...ATTRIBUTES]
  const plain = word.replaceAll('`', '').toLowerCase()
  const found = names.filter((name) => name.replaceAll('`', '').toLowerCase().includes(plain) && name !== word)
  const isStart = (name: string): boolean => name.toLowerCase().startsWith(plain)
  return [...found.filter(isStart), ...found.filter((name) => !isStart(name))]
    .slice(0, MOST)
    .map((name) => ({ label: name, from: before.length - word.length, insert: `${name} ` }))
}

function completeValue(before: string, runs: readonly Run[]): Completion[] {
  const open =
    /(param|tag|attribute)s?\.(`[^`]+`|[^\s=!<>'`]+)\s*(?:!?=|(?:NOT\s+)?IN\s*\((?:\s*'[^']*'\s*,)*)\s*'([^']*)$/i.exec(
      before,
    )
  if (!open) return []
  const [, entity, key, begun] = open
  const values = valuesOf(entity!.toLowerCase(), key!.replaceAll('`', ''), runs)
  return values
    .filter((value) => value.toLowerCase().includes(begun!.toLowerCase()) && value !== begun)
    .slice(0, MOST)
    .map((value) => ({ label: value, from: before.length - begun!.length, insert: `${value.replaceAll("'", "''")}'` }))
}

function valuesOf(entity: string, key: string, runs: readonly Run[]): string[] {
  if (entity === 'attribute') return key === 'status' ? STATUSES : []
  const values = new Set<string>()
  for (const run of runs) {
    const value = (entity === 'param' ? run.params : run.tags)[key]
    if (value !== undefined && value.length < 100) values.add(value)
  }
  return [...values].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }))
}

/** The name of a column in the filter language; one with other signs than letters, digits and dots is quoted. */
export function filterName({ kind, key }: Pick<RunColumn, 'kind' | 'key'>): string {
  return `${kind}s.${/^[\w.]+$/.test(key) ? key : `\`${key.replaceAll('`', '``')}\``}`
}
