import { FivefoldError } from '../core/index.ts'
import type { Column, NumberColumn, RowIndex, StringColumn } from './frame.ts'
import type { Target } from './matrix.ts'
import type { ColumnSchema } from './schema.ts'

export type TargetTask = 'classification' | 'regression'
type ClassTarget = Extract<Target, { kind: 'classes' }>

/**
 * The column as something to predict. Rows whose target is missing keep code -1 or NaN: train on `rowsWithTarget` only.
 * Classes are those that occur, sorted as text, or as numbers where all are numeric; numbers and booleans are named as
 * JavaScript writes them ('1', '2.5', 'true').
 *
 * @throws PROBLEM_TARGET_UNUSABLE where all values are missing or the same, or where a regression target is text
 */
export function targetFromColumn(column: Column, schema: ColumnSchema, task: TargetTask): Target {
  if (schema.type === 'datetime' && task === 'classification')
    throw unusable(schema, 'holds datetimes, which are no classes')
  const target = task === 'classification' ? classTarget(column, schema) : numberTarget(column, schema)
  if (rowsWithTarget(column).length === 0) throw unusable(schema, 'is missing in every row')
  if (target.kind === 'classes' && target.classes.length < 2)
    throw unusable(schema, `has one class only, '${target.classes[0]}'`)
  if (target.kind === 'number' && isConstant(target.values)) throw unusable(schema, 'is the same number in every row')
  return target
}

function unusable(schema: ColumnSchema, what: string): FivefoldError {
  return new FivefoldError('PROBLEM_TARGET_UNUSABLE', `target '${schema.name}' ${what}`)
}

/** Rows in which the column is not missing, ascending. */
export function rowsWithTarget(column: Column): RowIndex {
  const length = column.kind === 'number' ? column.values.length : column.codes.length
  const rows = new Uint32Array(length)
  let count = 0
  for (let row = 0; row < length; row++) {
    const missing = column.kind === 'number' ? Number.isNaN(column.values[row]!) : column.codes[row]! < 0
    if (!missing) rows[count++] = row
  }
  return rows.slice(0, count)
}

function numberTarget(column: Column, schema: ColumnSchema): Target {
  if (column.kind === 'string') throw unusable(schema, `holds text (${schema.evidence}) where regression needs numbers`)
  return { kind: 'number', values: column.values }
}

function isConstant(values: Float64Array): boolean {
  let first = Number.NaN
  for (const value of values) {
    if (Number.isNaN(value)) continue
    if (Number.isNaN(first)) first = value
    else if (value !== first) return false
  }
  return true
}

function classTarget(column: Column, schema: ColumnSchema): ClassTarget {
  return column.kind === 'string' ? classesOfTexts(column) : classesOfNumbers(column, schema.type === 'boolean')
}

function classesOfTexts({ codes, dictionary }: StringColumn): ClassTarget {
  const used = new Uint8Array(dictionary.length)
  for (const code of codes) if (code >= 0) used[code] = 1
  const classes = sortClasses(dictionary.filter((_, code) => used[code]))
  const position = new Map(classes.map((name, at) => [name, at]))
  const classOfCode = dictionary.map((name) => position.get(name) ?? -1)
  return { kind: 'classes', classes, codes: mapCodes(codes, classOfCode) }
}

function distinctOf(values: Float64Array): Set<number> {
  const distinct = new Set<number>()
  for (let row = 0; row < values.length; row++) distinct.add(values[row]!)
  return distinct
}

function classesOfNumbers({ values }: NumberColumn, isBoolean: boolean): ClassTarget {
  const distinct = [...distinctOf(values)].filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
  const position = new Map(distinct.map((value, at) => [value, at]))
  const codes = new Int32Array(values.length)
  for (let row = 0; row < codes.length; row++) codes[row] = position.get(values[row]!) ?? -1
  return { kind: 'classes', classes: distinct.map((value) => (isBoolean ? String(value === 1) : String(value))), codes }
}

/** Codes under other numbers; -1 stays. A plain loop, since `from` takes ten times as long on millions of rows. */
function mapCodes(codes: Int32Array, numbers: readonly number[]): Int32Array {
  const mapped = new Int32Array(codes.length)
  for (let row = 0; row < codes.length; row++) mapped[row] = codes[row]! < 0 ? -1 : numbers[codes[row]!]!
  return mapped
}

/** As numbers where all are numeric, else by UTF-16 code units, which no locale changes. */
export function sortClasses(classes: readonly string[]): string[] {
  const numeric = classes.every((name) => name.trim() !== '' && Number.isFinite(Number(name)))
  return [...classes].sort(numeric ? (a, b) => Number(a) - Number(b) || compareText(a, b) : compareText)
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export interface AlignedTarget {
  readonly target: Target
  /** What was tolerated, in sentences. */
  readonly warnings: readonly string[]
}

/**
 * A target of other data over the classes that a model knows. Labels that differ from a known one only by surrounding
 * spaces or a trailing full stop are taken for it, with a warning.
 *
 * @throws DATA_TYPE_MISMATCH naming the labels that no class matches
 */
export function alignClasses(target: Target, classes: readonly string[]): AlignedTarget {
  if (target.kind === 'number') return { target, warnings: [] }
  const exact = new Map(classes.map((name, at) => [name, at]))
  const loose = new Map(classes.map((name, at) => [looseLabel(name), at]))
  const matches = target.classes.map((name) => exact.get(name) ?? loose.get(looseLabel(name)) ?? -1)
  const unseen = target.classes.filter((_, code) => matches[code] === -1)
  if (unseen.length > 0) throw unseenLabels(unseen, classes)
  const warnings = target.classes
    .map((name, code) => ({ name, known: classes[matches[code]!]! }))
    .filter(({ name, known }) => name !== known)
    .map(({ name, known }) => `label '${name}' is taken for class '${known}'`)
  return { target: { kind: 'classes', classes, codes: mapCodes(target.codes, matches) }, warnings }
}

function looseLabel(label: string): string {
  return label.trim().replace(/\s*\.$/, '')
}

function unseenLabels(unseen: readonly string[], classes: readonly string[]): FivefoldError {
  const shown = unseen.slice(0, 5).map((name) => `'${name}'`)
  return new FivefoldError(
    'DATA_TYPE_MISMATCH',
    `labels that the model does not know: ${shown.join(', ')}${unseen.length > 5 ? ` and ${unseen.length - 5} more` : ''}; its classes are ${classes.join(', ')}`,
    { issues: unseen.map((name) => ({ path: ['target', name], message: 'not a class of the model' })) },
  )
}
