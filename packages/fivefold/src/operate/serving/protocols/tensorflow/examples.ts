import { FivefoldError } from '../../../../core/index.ts'
import type { Servable, TableFace, Tensors } from '../../model/servable.ts'
import { refuseRows } from '../values/instances.ts'
import { PYTHON_JSON, type ValueWriter, valueWriter } from '../values/json-of-tensor.ts'
import { isObject, type JsonObject, kindOf, parseBody } from '../values/parse-body.ts'
import { tableFeeds } from '../values/table-feeds.ts'
import { checkSignature } from './signature.ts'

export type ExampleMethod = 'classify' | 'regress'

const TASKS = { classify: 'classification', regress: 'regression' } as const

/**
 * The body of `:classify` and `:regress`: `{"signature_name"?, "context"?: {feature: value}, "examples": [{feature: value}]}`,
 * where a value stands alone or in a list of one. Only bundles know what their outputs mean, so only they answer this.
 *
 * @throws REQUEST_INVALID, REQUEST_TOO_LARGE, MODEL_INPUT
 */
export function decodeExamples(body: Buffer, model: Servable, method: ExampleMethod, rows: number): Tensors {
  const table = tableFor(model, method)
  const { value: request, limits } = parseBody(body, model, rows)
  if (!isObject(request)) throw invalid('the JSON value is not an object')
  checkSignature(request.signature_name)
  const context = request.context === undefined ? {} : featuresOf(request.context, "'context'")
  const { examples } = request
  if (!Array.isArray(examples)) throw invalid(`Expecting 'examples' to be a list, got ${kindOf(examples ?? null)}`)
  if (examples.length === 0) throw invalid("'examples' value is an empty array")
  refuseRows(examples.length, limits)
  const merged = examples.map((example, i) => ({ ...context, ...featuresOf(example, `example ${i}`) }))
  return tableFeeds(merged, table)
}

function tableFor({ table }: Servable, method: ExampleMethod): TableFace {
  if (table?.output.task === TASKS[method]) return table
  const was = table
    ? `tensorflow/serving/${table.output.task === 'regression' ? 'regress' : 'classify'}`
    : 'tensorflow/serving/predict'
  throw invalid(`Expected signature method_name to be tensorflow/serving/${method}. Was: ${was}`)
}

function featuresOf(example: unknown, place: string): JsonObject {
  if (!isObject(example)) throw invalid(`Example must be JSON object but ${place} is ${kindOf(example)}`)
  return Object.fromEntries(Object.entries(example).map(([name, value]) => [name, featureOf(value, name, place)]))
}

function featureOf(value: unknown, name: string, place: string): unknown {
  if (!Array.isArray(value)) return value
  if (value.length <= 1) return value[0] ?? null
  throw invalid(`${place}: feature '${name.slice(0, 100)}' has ${value.length} values, a column has one`)
}

/** The answer: of `:classify` all classes of each example with their scores, of `:regress` a number for each. */
export function encodeResults(outputs: Tensors, { output }: TableFace): string {
  const results = output.task === 'regression' ? numbers(outputs) : classes(outputs, output.classes)
  return `{"result":[${results.join(',')}]}`
}

function numbers(outputs: Tensors): string[] {
  const { rows, write } = outputNamed(outputs, 'prediction')
  return Array.from({ length: rows }, (_, row) => write(row))
}

function classes(outputs: Tensors, names: readonly string[]): string[] {
  const scores = names.map((name) => ({ label: JSON.stringify(name), ...outputNamed(outputs, `probability_${name}`) }))
  return Array.from(
    { length: scores[0]?.rows ?? 0 },
    (_, row) => `[${scores.map(({ label, write }) => `[${label},${write(row)}]`).join(',')}]`,
  )
}

function outputNamed(outputs: Tensors, name: string): { readonly rows: number; readonly write: ValueWriter } {
  const tensor = outputs[name]
  if (!tensor) throw new FivefoldError('INTERNAL', `the model gave no output '${name}'`)
  return { rows: tensor.shape[0] ?? 1, write: valueWriter(name, tensor, PYTHON_JSON) }
}

const invalid = (message: string): FivefoldError => new FivefoldError('REQUEST_INVALID', message)
