import type { Servable } from '../model/servable.ts'
import type { ModelRepository } from '../runtime/model-repository.ts'
import type { JsonSchema } from './json-schema.ts'

/** How a body or an answer is written in the description of the API. */
export const contentOf = (schema: JsonSchema, ...types: readonly string[]): object => ({
  content: Object.fromEntries((types.length > 0 ? types : [JSON_TYPE]).map((type) => [type, { schema }])),
})

const JSON_TYPE = 'application/json'

export const answerOf = (description: string, schema: JsonSchema, ...types: readonly string[]): object => ({
  description,
  ...contentOf(schema, ...types),
})

/** What statuses mean in every protocol; the body of an error is what they differ in. */
const MEANINGS = {
  400: 'The request is not understood, or does not fit the model.',
  401: 'No token that is known came along; where the server asks for tokens.',
  403: 'The token does not allow this; where the server asks for tokens.',
  404: 'There is no such model, version or path.',
  406: 'None of the content types that are accepted is written here.',
  409: 'It is there already, or was changed meanwhile.',
  413: 'More bytes, rows or values than are taken.',
  415: 'A content type or a content encoding that is not read here.',
  422: 'What was sent does not fit the model.',
  429: 'Too many requests of this caller; where the server has a limit.',
  500: 'The server failed; its log says why under the request id.',
  503: 'Too much work is waiting, the model is not ready, or the server is stopping.',
  504: 'There was no answer in time.',
  507: 'There is no memory for the model.',
} as const

export type RefusalStatus = keyof typeof MEANINGS

/** Refusals of one form; those of admission are among them. */
export const refusalsOf = (form: JsonSchema, statuses: readonly RefusalStatus[]): Record<string, object> =>
  openRefusalsOf(form, [...statuses, 401, 403, 429])

/** Refusals of a route that everybody may ask. */
export const openRefusalsOf = (form: JsonSchema, statuses: readonly RefusalStatus[]): Record<string, object> =>
  Object.fromEntries(statuses.map((status) => [status, answerOf(MEANINGS[status], form)]))

/** What every question to a model may be refused with. */
export const INFERENCE_REFUSALS = [400, 404, 413, 415, 500, 503, 504] as const

/** An object with these properties, of which all are there but those whose names end in a question mark. */
export function objectOf(properties: Readonly<Record<string, JsonSchema>>, more: JsonSchema = {}): JsonSchema {
  const plain = (name: string): string => name.replace(/\?$/, '')
  const required = Object.keys(properties).filter((name) => !name.endsWith('?'))
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(properties).map(([name, schema]) => [plain(name), schema])),
    ...(required.length > 0 ? { required } : {}),
    ...more,
  }
}

export const TEXT: JsonSchema = { type: 'string' }

const PARAMETERS = {
  model: 'Name of a model or deployment.',
  version: 'A version of the model.',
  label: 'A label that stands for a version.',
  name: 'Name of a deployment.',
} as const

/**
 * The parameters in a path, with examples from `model`, so that the examples of a route can be sent as they are.
 */
export function pathParameters(
  names: readonly (keyof typeof PARAMETERS)[],
  examples: Readonly<Record<string, string | undefined>> = {},
): JsonSchema {
  const schemaOf = (name: keyof typeof PARAMETERS): JsonSchema => ({
    ...{ type: 'string', minLength: 1, description: PARAMETERS[name] },
    ...(examples[name] === undefined ? {} : { examples: [examples[name]] }),
  })
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, schemaOf(name)])),
    required: names,
  }
}

/** Examples of the parameters that name a model that can be unloaded, which a deployment cannot. */
export function exampleOfLoaded({ statuses }: Pick<ModelRepository, 'statuses'>): Record<string, string> {
  // Deployments come first.
  const loaded = statuses().at(-1)
  return loaded ? { model: loaded.name, version: loaded.version } : {}
}

/** Examples of the parameters that name a model. */
export const exampleOfModel = (model: Servable | undefined): Record<string, string> =>
  model ? { model: model.name, version: model.version } : {}
