import { FivefoldError } from '../../../../core/index.ts'
import { isObject, type JsonObject } from './parse-body.ts'

/**
 * The rows of `{"columns": [names], "data": [[cells]]}`, as pandas writes a table in orient "split"; an index is of no use
 * to a model.
 *
 * @throws REQUEST_INVALID
 */
export function rowsOfSplit(split: unknown, key: string): JsonObject[] {
  const { columns, data } = isObject(split) ? split : {}
  if (!isNames(columns)) throw invalid(key, 'columns is not a list of different names')
  if (!Array.isArray(data)) throw invalid(key, 'data is not a list of rows')
  return data.map((cells, i) => {
    if (!Array.isArray(cells) || cells.length !== columns.length)
      throw invalid(key, `row ${i} of data is not a list of ${columns.length} values`)
    return Object.fromEntries(columns.map((name, at) => [name, cells[at]]))
  })
}

const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string') && new Set(value).size === value.length

const invalid = (key: string, message: string): FivefoldError =>
  new FivefoldError('REQUEST_INVALID', `${key}: ${message}; send {"columns": [...], "data": [[...], ...]}`)
