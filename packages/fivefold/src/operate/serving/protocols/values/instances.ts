import { FivefoldError } from '../../../../core/index.ts'
import type { Servable, TableFace, Tensors } from '../../model/servable.ts'
import type { RequestRow } from '../../tables/request-rows.ts'
import { inputTensor, isBase64 } from './input-tensor.ts'
import { type BodyLimits, isObject, type JsonObject, kindOf } from './parse-body.ts'
import { tableFeeds } from './table-feeds.ts'

/**
 * Tensors of a list with one entry a row. For a bundle an entry is an object by column name, or a list of all columns in
 * the model's order; for other models the value of the only input, or an object by input name.
 *
 * @throws REQUEST_INVALID, REQUEST_TOO_LARGE, MODEL_INPUT
 */
export function decodeInstances(instances: unknown, model: Servable, limits: BodyLimits): Tensors {
  if (!Array.isArray(instances)) throw invalid(`Expecting 'instances' to be a list, got ${kindOf(instances)}`)
  if (instances.length === 0) throw invalid("No values in 'instances'")
  refuseRows(instances.length, limits)
  if (model.table) return tableFeeds(rowsOfInstances(instances, model.table), model.table)
  const isNamed = isObject(instances[0]) && !isBase64(instances[0])
  if (!isNamed) return stack(instances, model, limits)
  const objects = instances.map((instance, i) => namedValues(instance, i, model))
  return Object.fromEntries(
    model.inputs.map((spec) => [
      spec.name,
      inputTensor(
        objects.map((object) => object[spec.name]),
        spec,
        limits,
      ),
    ]),
  )
}

function stack(instances: readonly unknown[], model: Servable, limits: BodyLimits): Tensors {
  const [only, ...more] = model.inputs
  if (!only || more.length > 0)
    throw invalid(`instances are plain values, and the model has several inputs: send objects with ${namesOf(model)}`)
  return { [only.name]: inputTensor(instances, only, limits) }
}

function namedValues(instance: unknown, i: number, model: Servable): JsonObject {
  if (!isObject(instance)) throw invalid(`Expecting object but got ${kindOf(instance)} at item ${i} of input list`)
  const keys = Object.keys(instance)
  const isWhole = keys.length === model.inputs.length && model.inputs.every(({ name }) => Object.hasOwn(instance, name))
  if (isWhole) return instance
  throw invalid(`Failed to process element: ${i} of 'instances' list. Keys must be equal to: ${namesOf(model)}`)
}

function rowsOfInstances(instances: readonly unknown[], { columns }: TableFace): RequestRow[] {
  return instances.map((instance, i) => {
    if (isObject(instance)) return instance
    const cells = Array.isArray(instance) ? instance : [instance]
    if (cells.length !== columns.length)
      throw invalid(
        `instance ${i} has ${cells.length} values, the model ${columns.length} columns: send objects by column name`,
      )
    return Object.fromEntries(columns.map(({ name }, at) => [name, cells[at]]))
  })
}

/**
 * Tensors of whole columns: the value of the only input, or an object by input name. The column of a bundle is a list
 * with one value a row, each alone or in a list of its own.
 *
 * @throws REQUEST_INVALID, REQUEST_TOO_LARGE, MODEL_INPUT
 */
export function decodeColumns(inputs: unknown, model: Servable, limits: BodyLimits): Tensors {
  const isNamed = isObject(inputs) && !isBase64(inputs)
  if (!isNamed && model.inputs.length !== 1)
    throw invalid(`inputs is a plain value, and the model has several inputs: send an object with ${namesOf(model)}`)
  const columns: JsonObject = isNamed ? inputs : { [model.inputs[0]!.name]: inputs }
  if (model.table) return tableFeeds(rowsOfColumns(columns, limits), model.table)
  const feeds = Object.fromEntries(
    model.inputs.map((spec) => [spec.name, inputTensor(columnNamed(columns, spec.name), spec, limits)]),
  )
  if (model.isBatched) for (const { shape } of Object.values(feeds)) refuseRows(shape[0] ?? 1, limits)
  return feeds
}

function columnNamed(columns: JsonObject, name: string): unknown {
  if (Object.hasOwn(columns, name)) return columns[name]
  throw invalid(`Missing named input: ${name} in 'inputs' object.`)
}

function rowsOfColumns(columns: JsonObject, limits: BodyLimits): RequestRow[] {
  const lists = Object.entries(columns).map(([name, column]) => [name, cellsOf(name, column)] as const)
  const rowCount = lists[0]?.[1].length ?? 0
  if (rowCount === 0) throw invalid("No values in 'inputs'")
  refuseRows(rowCount, limits)
  const uneven = lists.find(([, cells]) => cells.length !== rowCount)
  if (uneven) throw invalid(`input '${uneven[0]}' has ${uneven[1].length} values, '${lists[0]![0]}' ${rowCount}`)
  return Array.from({ length: rowCount }, (_, i) => Object.fromEntries(lists.map(([name, cells]) => [name, cells[i]])))
}

function cellsOf(name: string, column: unknown): unknown[] {
  if (!Array.isArray(column))
    throw invalid(`input '${name}' is ${kindOf(column)}, where a list with one value a row is expected`)
  return column.map((cell, i) => {
    if (!Array.isArray(cell)) return cell
    if (cell.length === 1) return cell[0]
    throw invalid(`input '${name}' has ${cell.length} values in row ${i}, a column has one`)
  })
}

/** @throws REQUEST_TOO_LARGE */
export function refuseRows(rows: number, limits: Pick<BodyLimits, 'rows'>): void {
  if (rows > limits.rows) throw new FivefoldError('REQUEST_TOO_LARGE', `${rows} rows; at most ${limits.rows} a request`)
}

const namesOf = ({ inputs }: Servable): string =>
  inputs
    .slice(0, 20)
    .map(({ name }) => name)
    .join(', ')

const invalid = (message: string): FivefoldError => new FivefoldError('REQUEST_INVALID', message)
