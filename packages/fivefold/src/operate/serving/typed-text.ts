import type { ServedColumn } from './served-model.ts'

/**
 * A text (a CSV cell, a BYTES element) as the value that a JSON row would hold in this column. What does not read as
 * such a value stays a text, so that the check of the rows names it with its row and column.
 */
export function typedText(text: string, column: Pick<ServedColumn, 'type' | 'tensor'> | undefined): unknown {
  if (text === '') return null
  if (!column || column.tensor === 'string') return text
  if (column.type === 'boolean' || column.tensor === 'bool') return BOOLEANS.get(text.trim().toLowerCase()) ?? text
  return DECIMAL.test(text) ? Number(text) : text
}

/** Not what Number() takes: '0x1f' and ' ' are no numbers in data. */
const DECIMAL = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  ['1', true],
  ['0', false],
])
