import type { TableFace } from '../../model/servable.ts'
import type { JsonScalar, ServedColumn } from '../../model/table-face.ts'
import { csvCell } from '../../tables/csv-rows.ts'
import { exampleRow } from '../../tables/example-row.ts'
import type { JsonSchema } from '../../wire/json-schema.ts'

/**
 * JSON Schema of a row: what each column takes. Ranges and categories of training are annotations (`x-range`,
 * `x-categories`), not limits: a model answers beyond them, and the monitor is what watches for it.
 */
export function rowSchema(table: TableFace): JsonSchema {
  const properties = Object.fromEntries(table.columns.map((column) => [column.name, columnSchema(column)]))
  return {
    type: 'object',
    properties,
    required: table.columns.filter((column) => !column.nullable).map((column) => column.name),
    example: exampleRow(table),
  }
}

function columnSchema(column: ServedColumn): JsonSchema {
  return {
    ...valueSchema(column),
    description: describe(column),
    'x-type': column.type,
    ...(column.range ? { 'x-range': column.range } : {}),
    ...(column.categories ? { 'x-categories': column.categories } : {}),
  }
}

function valueSchema(column: ServedColumn): JsonSchema {
  const or = (...types: string[]): string[] => (column.nullable ? [...types, 'null'] : types)
  if (column.tensor === 'string') return { type: or('string') }
  if (column.type === 'datetime') return { type: or('string', 'number'), format: 'date-time' }
  if (column.type === 'boolean' || column.tensor === 'bool') return { type: or('boolean') }
  if (column.tensor === 'int64')
    return { type: or('integer'), minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }
  return { type: or('number') }
}

const MAX_NAMED_CATEGORIES = 12

function describe({ type, meaning, range, categories, nullable }: ServedColumn): string {
  const parts = [meaning ?? `A column of type ${type}.`]
  if (range) parts.push(`In training from ${bound(range[0], type)} to ${bound(range[1], type)}.`)
  if (categories?.length) {
    const named = categories.slice(0, MAX_NAMED_CATEGORIES).join(', ')
    const more = categories.length > MAX_NAMED_CATEGORIES ? ` and ${categories.length - MAX_NAMED_CATEGORIES} more` : ''
    parts.push(`In training: ${named}${more}.`)
  }
  if (nullable) parts.push('May be missing.')
  return parts.join(' ')
}

const bound = (value: number, type: string): string =>
  type === 'datetime' && Math.abs(value) <= 8.64e15
    ? new Date(value).toISOString().replace('.000Z', 'Z')
    : String(value)

/** JSON Schema of the body of `POST /predict`. */
export function requestSchema(table: TableFace): JsonSchema {
  const row = rowSchema(table)
  const rows = { type: 'array', items: row, minItems: 1 }
  return {
    anyOf: [{ type: 'object', properties: { rows }, required: ['rows'], additionalProperties: false }, rows, row],
    example: { rows: [exampleRow(table)] },
  }
}

/** JSON Schema of the answer of `POST /predict`. */
export function responseSchema(table: TableFace): JsonSchema {
  const text = { type: 'string' }
  return {
    type: 'object',
    properties: {
      model: text,
      version: text,
      predictions: { type: 'array', items: answerSchema(table) },
      requestId: text,
      warnings: { type: 'array', items: text, description: 'Say which columns of the rows were left out.' },
    },
    required: ['model', 'version', 'predictions', 'requestId'],
  }
}

function answerSchema({ output }: TableFace): JsonSchema {
  if (output.task === 'regression')
    return {
      type: 'object',
      properties: { prediction: { type: ['number', 'null'], description: `Predicted ${output.target}.` } },
      required: ['prediction'],
    }
  const probability = { type: ['number', 'null'], minimum: 0, maximum: 1 }
  return {
    type: 'object',
    properties: {
      label: { type: 'string', enum: output.classes, description: `Predicted ${output.target}.` },
      probabilities: {
        type: 'object',
        properties: Object.fromEntries(output.classes.map((name) => [name, probability])),
        required: output.classes,
      },
    },
    required: ['label', 'probabilities'],
  }
}

/** A header and one line of CSV. */
export function exampleCsv(table: TableFace): string {
  const example = exampleRow(table)
  const cell = (value: JsonScalar | undefined): string =>
    csvCell(value === null || value === undefined ? '' : String(value))
  const names = table.columns.map(({ name }) => name)
  return `${names.map(cell).join(',')}\n${names.map((name) => cell(example[name])).join(',')}\n`
}

export const ERROR_SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    error: {
      type: 'object',
      properties: {
        code: { type: 'string', description: 'A code of the closed registry, such as MODEL_INPUT.' },
        message: { type: 'string' },
        remedy: { type: 'string', description: 'What to do about it.' },
        issues: {
          type: 'array',
          maxItems: 100,
          items: {
            type: 'object',
            properties: {
              path: { type: 'array', items: { type: ['string', 'integer'] }, description: "['rows', row, column]" },
              message: { type: 'string' },
            },
          },
        },
        requestId: { type: 'string' },
      },
      required: ['code', 'message', 'remedy', 'issues', 'requestId'],
    },
  },
  required: ['error'],
}
