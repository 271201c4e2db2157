import type { Servable } from '../../model/servable.ts'
import type { JsonScalar } from '../../model/table-face.ts'
import { exampleRow } from '../../tables/example-row.ts'
import type { JsonSchema } from '../../wire/json-schema.ts'
import { DATATYPES } from './tensor-types.ts'

const tags = ['open inference protocol']
const ERROR: JsonSchema = { type: 'object', properties: { error: { type: 'string' } }, required: ['error'] }

const content = (description: string, schema: JsonSchema): object => ({
  description,
  content: { 'application/json': { schema } },
})

export function metadataSchema(summary: string): object {
  return { tags, summary, response: { 200: content(summary, { additionalProperties: true }) } }
}

export function readySchema(summary: string): object {
  const schema = { type: 'object', properties: { ready: { type: 'boolean' }, live: { type: 'boolean' } } }
  return { tags, summary, response: { 200: content('Yes.', schema), 503: content('Not now.', schema) } }
}

const parameters: JsonSchema = { type: 'object', additionalProperties: true }
const REQUEST: JsonSchema = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    parameters,
    inputs: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          shape: { type: 'array', items: { type: 'integer', minimum: 0 } },
          datatype: { type: 'string', enum: Object.values(DATATYPES) },
          parameters,
          data: { type: 'array', items: {}, description: 'Row-major, flat or nested as the shape is.' },
        },
        required: ['name', 'shape', 'datatype'],
      },
    },
    outputs: {
      type: 'array',
      items: { type: 'object', properties: { name: { type: 'string' }, parameters }, required: ['name'] },
    },
  },
  required: ['inputs'],
}

/** @param model whose columns make the example */
export function inferSchema(model?: Servable): object {
  const schema = model?.table ? { ...REQUEST, example: exampleRequest(model) } : REQUEST
  return {
    tags,
    summary: 'Infer',
    description:
      'One tensor for each input; for a bundle that is one of shape [rows, 1] for each column. Binary tensors: see the binary data extension of the protocol.',
    body: { content: { 'application/json': { schema } } },
    response: {
      200: content('Tensors.', { type: 'object', additionalProperties: true }),
      400: content('The request does not fit the protocol or the model.', ERROR),
      404: content('No such model or version.', ERROR),
    },
  }
}

function exampleRequest({ inputs, table }: Servable): object {
  const example = table ? exampleRow(table) : {}
  const tensors = inputs.map(({ name, type }) => {
    const value: JsonScalar = example[name] ?? null
    const isText = typeof value === 'string'
    return { name, datatype: isText ? 'BYTES' : DATATYPES[type], shape: [1, 1], data: [value] }
  })
  return { id: '1', inputs: tensors }
}
