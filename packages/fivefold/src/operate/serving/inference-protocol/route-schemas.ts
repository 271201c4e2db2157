import { z } from 'zod'
import type { JsonSchema } from '../model-schema.ts'
import { exampleRow, type JsonScalar, type ServedModel } from '../served-model.ts'
import { inputMetadata } from './column-tensors.ts'
import { inferRequestSchema } from './infer-request.ts'

const tags = ['open inference protocol']
const ERROR: JsonSchema = { type: 'object', properties: { error: { type: 'string' } }, required: ['error'] }

const content = (description: string, schema: JsonSchema): object => ({
  description,
  content: { 'application/json': { schema } },
})

export function metadataSchema(summary: string): object {
  return { tags, summary, response: { 200: content(summary, { type: 'object', additionalProperties: true }) } }
}

export function readySchema(summary: string): object {
  const schema = { type: 'object', properties: { ready: { type: 'boolean' }, live: { type: 'boolean' } } }
  return { tags, summary, response: { 200: content('Yes.', schema), 503: content('Not now.', schema) } }
}

export function inferSchema(model: ServedModel): object {
  const request = z.toJSONSchema(inferRequestSchema, { target: 'openapi-3.0', io: 'input' }) as JsonSchema
  return {
    tags,
    summary: 'Infer',
    description:
      'One tensor of shape [rows, 1] for each column. Binary tensors: see the binary data extension of the protocol.',
    body: { content: { 'application/json': { schema: { ...request, example: exampleRequest(model) } } } },
    response: {
      200: content('Tensors of shape [rows, 1].', { type: 'object', additionalProperties: true }),
      400: content('The request does not fit the protocol or the model.', ERROR),
      404: content('No such model or version.', ERROR),
    },
  }
}

function exampleRequest(model: ServedModel): object {
  const example = exampleRow(model)
  const inputs = inputMetadata(model).map(({ name, datatype }) => {
    const value: JsonScalar = example[name] ?? null
    const text = typeof value === 'string' && datatype !== 'BYTES'
    return { name, datatype: text ? 'BYTES' : datatype, shape: [1, 1], data: [value] }
  })
  return { id: '1', inputs }
}
