import type { ElementType } from '../../../../onnx/index.ts'
import type { Servable, TableFace, TensorSpec } from '../../model/servable.ts'
import { exampleElement, exampleRow } from '../../tables/example-row.ts'
import type { JsonSchema } from '../../wire/json-schema.ts'
import { rowSchema } from '../predict/model-schema.ts'

/** What models take and give in protocols of JSON values, for the description of the API. */

/** One instance: a row of a bundle by column name, or what the other models take in one row. */
export function instanceSchema(model: Servable | undefined): JsonSchema {
  if (!model) return {}
  if (model.table) return { anyOf: [strictRow(model.table), listOfColumns(model.table)] }
  const [only, ...more] = model.inputs
  const ofInput = (spec: TensorSpec): JsonSchema => nested(ELEMENTS[spec.type], spec.shape.slice(1))
  const named = strictObject(model.inputs, ofInput)
  return only && more.length === 0 ? { anyOf: [named, ofInput(only)] } : named
}

/** A list of instances. */
export function instancesSchema(model: Servable | undefined): JsonSchema {
  const fixed = model?.inputs.map(({ shape: [rows = -1] }) => rows).find((rows) => rows >= 0)
  const size = fixed === undefined ? { minItems: 1 } : { minItems: fixed, maxItems: fixed }
  return { type: 'array', items: instanceSchema(model), ...size }
}

/** Whole inputs by name, for models that are no bundles. */
export const namedInputsSchema = ({ inputs }: Servable): JsonSchema =>
  strictObject(inputs, ({ type, shape }) => nested(ELEMENTS[type], shape))

export const exampleInputs = ({ inputs }: Servable): object =>
  Object.fromEntries(inputs.map(({ name, type, shape }) => [name, filled(exampleElement(type), shape)]))

/** The entry of an answer that belongs to one instance. */
export function predictionSchema(model: Servable | undefined): JsonSchema {
  if (!model) return {}
  const ofOutput = ({ type, shape }: TensorSpec): JsonSchema =>
    nested(type === 'string' ? STRING_OUTPUT : ELEMENTS[type], openShape(shape, model).slice(1))
  const [only, ...more] = model.outputs
  return only && more.length === 0 ? ofOutput(only) : strictObject(model.outputs, ofOutput)
}

/** An instance that the model takes; undefined where none can be made up. */
export function exampleInstance(model: Servable): unknown {
  if (model.table) return exampleRow(model.table)
  const values = model.inputs.map(
    ({ name, type, shape }) => [name, filled(exampleElement(type), shape.slice(1))] as const,
  )
  return values.length === 1 ? values[0]![1] : Object.fromEntries(values)
}

/** The examples of a body that holds one instance; none without a model. */
export const examplesOf = (
  model: Servable | undefined,
  bodyOf: (instance: unknown) => unknown,
): { examples?: readonly unknown[] } => (model ? { examples: [bodyOf(exampleInstance(model))] } : {})

/** These protocols refuse columns that the model does not take. */
const strictRow = (table: TableFace): JsonSchema => ({ ...rowSchema(table), additionalProperties: false })

function listOfColumns(table: TableFace): JsonSchema {
  const { properties } = rowSchema(table) as { properties: Record<string, JsonSchema> }
  const prefixItems = table.columns.map(({ name }) => properties[name])
  return { type: 'array', prefixItems, minItems: prefixItems.length, maxItems: prefixItems.length }
}

const strictObject = (specs: readonly TensorSpec[], schemaOf: (spec: TensorSpec) => JsonSchema): JsonSchema => ({
  type: 'object',
  properties: Object.fromEntries(specs.map((spec) => [spec.name, schemaOf(spec)])),
  required: specs.map(({ name }) => name),
  additionalProperties: false,
})

function nested(element: JsonSchema, shape: readonly number[]): JsonSchema {
  return shape.reduceRight<JsonSchema>(
    (items, size) => ({ type: 'array', items, ...(size < 0 ? {} : { minItems: size, maxItems: size }) }),
    element,
  )
}

/** Sizes of outputs are what the model says of itself and what it may break; their rank is not. */
function openShape(shape: readonly number[], { table }: Servable): readonly number[] {
  return (table && shape.length === 2 && shape[1] === 1 ? shape.slice(0, 1) : shape).map(() => -1)
}

const filled = (value: unknown, shape: readonly number[]): unknown =>
  shape.reduceRight((inner: unknown, size) => new Array(Math.max(1, size)).fill(inner), value)

const integer = (minimum: number, maximum: number): JsonSchema => ({ type: 'integer', minimum, maximum })
/** null is what is missing, or not finite. */
const FLOAT: JsonSchema = { type: ['number', 'null'] }

const ELEMENTS: Readonly<Record<ElementType, JsonSchema>> = {
  ...{ float: FLOAT, double: FLOAT, float16: FLOAT },
  // The ends of 64 bits, as far as doubles tell them.
  ...{ int64: integer(-(2 ** 63), 2 ** 63 - 1024), uint64: integer(0, 2 ** 64 - 2048) },
  ...{ int32: integer(-(2 ** 31), 2 ** 31 - 1), uint32: integer(0, 2 ** 32 - 1) },
  ...{ int16: integer(-(2 ** 15), 2 ** 15 - 1), uint16: integer(0, 2 ** 16 - 1) },
  ...{ int8: integer(-128, 127), uint8: integer(0, 255) },
  bool: { enum: [true, false, 0, 1] },
  string: { type: ['string', 'null'], description: 'Or {"b64": "..."}, the text as UTF-8 in base64.' },
}

/** Outputs named `*_bytes` come in base64. */
const STRING_OUTPUT: JsonSchema = { type: ['string', 'object'] }
