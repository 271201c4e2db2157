import { elementCount } from '../../../../onnx/index.ts'
import type { Servable } from '../../model/servable.ts'
import type { JsonScalar } from '../../model/table-face.ts'
import { exampleElement, exampleRow } from '../../tables/example-row.ts'
import {
  answerOf,
  exampleOfModel,
  INFERENCE_REFUSALS,
  objectOf,
  openRefusalsOf,
  pathParameters,
  type RefusalStatus,
  refusalsOf,
  TEXT,
} from '../../wire/describe-route.ts'
import type { JsonSchema } from '../../wire/json-schema.ts'
import { DATATYPES } from './tensor-types.ts'

const tags = ['open inference protocol']
const ERROR = objectOf({ error: TEXT })
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items })
const datatype: JsonSchema = { type: 'string', enum: Object.values(DATATYPES) }

type PathNames = Parameters<typeof pathParameters>[0]

/** What a path below a model names, with the model that examples are for. */
export interface DescribedPath {
  readonly names: PathNames
  /** For models that answer. */
  readonly example?: Servable | undefined
  /** For models that are loaded and unloaded, instead. */
  readonly examples?: Readonly<Record<string, string>>
}

const parametersOf = ({ names, example, examples = exampleOfModel(example) }: DescribedPath): object => ({
  params: pathParameters(names, examples),
})

interface Question {
  readonly summary: string
  readonly answer: JsonSchema
  readonly statuses: readonly RefusalStatus[]
}

const TENSOR_METADATA = list(objectOf({ name: TEXT, datatype, shape: list({ type: 'integer', minimum: -1 }) }))
const STATE: JsonSchema = { enum: ['LOADING', 'READY', 'UNLOADING', 'UNAVAILABLE'] }

const QUESTIONS = {
  server: {
    summary: 'Server metadata',
    answer: objectOf({ name: TEXT, version: TEXT, extensions: list(TEXT) }),
    statuses: [415, 500],
  },
  live: { summary: 'Server liveness', answer: objectOf({ live: { const: true } }), statuses: [415, 500] },
  model: {
    summary: 'Model metadata',
    answer: objectOf({
      ...{ name: TEXT, versions: list(TEXT), platform: TEXT },
      ...{ inputs: TENSOR_METADATA, outputs: TENSOR_METADATA },
    }),
    statuses: [400, 404, 415, 500, 503],
  },
  index: {
    summary: 'Models and their states',
    answer: list(objectOf({ name: TEXT, version: TEXT, state: STATE, reason: TEXT })),
    statuses: [400, 413, 415, 500],
  },
  load: {
    summary: 'Load the newest version of a model',
    answer: { type: 'object', maxProperties: 0 },
    statuses: [400, 404, 409, 413, 415, 500, 503],
  },
  unload: {
    summary: 'Unload a model',
    answer: { type: 'object', maxProperties: 0 },
    statuses: [400, 404, 413, 415, 500, 503],
  },
} as const satisfies Record<string, Question>

export function questionSchema(of: keyof typeof QUESTIONS, path: DescribedPath = { names: [] }): object {
  const { summary, answer, statuses } = QUESTIONS[of]
  return {
    ...{ tags, summary, ...(path.names.length > 0 ? parametersOf(path) : {}) },
    response: { 200: answerOf('As the protocol says it.', answer), ...refusalsOf(ERROR, statuses) },
  }
}

export function readySchema(summary: string, path?: DescribedPath): object {
  const ready: JsonSchema = objectOf({ 'name?': TEXT, ready: { type: 'boolean' } })
  return {
    ...{ tags, summary, ...(path ? parametersOf(path) : {}) },
    response: {
      ...{ 200: answerOf('Yes.', ready), 503: answerOf('Not now.', ready) },
      ...openRefusalsOf(ERROR, path ? [400, 404, 415, 500] : [415, 500]),
    },
  }
}

const parameters: JsonSchema = { type: 'object' }
const REQUEST = objectOf({
  'id?': TEXT,
  'parameters?': parameters,
  inputs: {
    type: 'array',
    minItems: 1,
    items: objectOf({
      name: TEXT,
      shape: list({ type: 'integer', minimum: 0 }),
      datatype,
      'parameters?': parameters,
      'data?': { type: 'array', description: 'Row-major, flat or nested as the shape is.' },
    }),
  },
  'outputs?': list(objectOf({ name: TEXT, 'parameters?': parameters })),
})
const ANSWER = objectOf({
  ...{ model_name: TEXT, model_version: TEXT, 'id?': TEXT, 'parameters?': parameters },
  outputs: list(
    objectOf({ name: TEXT, datatype, shape: list({ type: 'integer' }), 'parameters?': parameters, 'data?': list({}) }),
  ),
})

const BINARY = 'Inference-Header-Content-Length'
const BYTES: JsonSchema = {
  type: 'string',
  format: 'binary',
  description: `JSON of the length that ${BINARY} says, then the bytes of binary tensors.`,
}
const length: JsonSchema = {
  type: 'string',
  pattern: '^[0-9]{1,12}$',
  description: 'Bytes of JSON before binary tensors.',
}

export function inferSchema(path: DescribedPath): object {
  const { example } = path
  return {
    ...{ tags, summary: 'Infer', ...parametersOf(path), headers: objectOf({ [`${BINARY}?`]: length }) },
    description:
      'One tensor for each input; for a bundle that is one of shape [rows, 1] for each column. Binary tensors: see the binary data extension of the protocol.',
    body: {
      content: {
        'application/json': { schema: example ? { ...REQUEST, example: exampleRequest(example) } : REQUEST },
        'application/octet-stream': { schema: BYTES },
      },
    },
    response: {
      200: {
        description: 'Tensors; in binary where it was asked for.',
        content: { 'application/json': { schema: ANSWER }, 'application/octet-stream': { schema: BYTES } },
      },
      ...refusalsOf(ERROR, INFERENCE_REFUSALS),
    },
  }
}

function exampleRequest({ inputs, table }: Servable): object {
  const row = table && exampleRow(table)
  const tensors = inputs.map(({ name, type, shape }) => {
    const own = shape.map((size) => Math.max(1, size))
    const value: JsonScalar = row ? (row[name] ?? null) : exampleElement(type)
    const isText = typeof value === 'string'
    const data = new Array<JsonScalar>(elementCount(own)).fill(value)
    return { name, datatype: isText ? 'BYTES' : DATATYPES[type], shape: own, data }
  })
  return { id: '1', inputs: tensors }
}
