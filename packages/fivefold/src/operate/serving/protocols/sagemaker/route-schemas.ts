import type { Servable } from '../../model/servable.ts'
import { exampleRow } from '../../tables/example-row.ts'
import {
  answerOf,
  contentOf,
  exampleOfModel,
  INFERENCE_REFUSALS,
  objectOf,
  pathParameters,
  type RefusalStatus,
  refusalsOf,
  TEXT,
} from '../../wire/describe-route.ts'
import type { JsonSchema } from '../../wire/json-schema.ts'
import { MODELS_PAGE, PAGE_QUERY } from '../model-pages.ts'
import { TORCHSERVE_ERROR } from '../torchserve/error-form.ts'
import { exampleInstance } from '../values/value-schemas.ts'

const tags = ['sagemaker']

const ANSWER = {
  description: 'What the model says; JSON in the form of the question, else a line a row.',
  content: {
    'application/json': { schema: {} },
    'application/jsonlines': { schema: TEXT },
    'text/csv': { schema: TEXT },
  },
}
const DESCRIPTION =
  'JSON: one instance, a list of them, or an object with instances, inputs, dataframe_records or dataframe_split. JSON Lines: an instance a line. CSV: a row a line, for bundles with or without a header.'

/** @param parameters of the path, or of the header that names the model */
function invocationSchema(summary: string, parameters: object, example: Servable | undefined): object {
  return {
    ...{ tags, summary, description: DESCRIPTION, ...parameters },
    body: bodyOf(example),
    response: { 200: ANSWER, ...refusalsOf(TORCHSERVE_ERROR, [...INFERENCE_REFUSALS, 406]) },
  }
}

function bodyOf(example: Servable | undefined): object {
  if (!example) return { content: { 'application/json': { schema: {} }, 'text/csv': { schema: TEXT } } }
  const instance = exampleInstance(example)
  const json: JsonSchema = { examples: [{ instances: [instance] }] }
  const lines: JsonSchema = { ...TEXT, examples: [`${JSON.stringify(instance)}\n`] }
  return {
    content: {
      'application/json': { schema: json },
      'application/jsonlines': { schema: lines },
      ...(example.table ? { 'text/csv': { schema: { ...TEXT, examples: [csvOf(example)] } } } : {}),
    },
  }
}

function csvOf({ table }: Servable): string {
  const row = exampleRow(table!)
  const cell = (value: unknown): string => `"${String(value ?? '').replaceAll('"', '""')}"`
  return `${table!.columns.map(({ name }) => cell(row[name])).join(',')}\n`
}

/** \`POST /invocations\`: the default model, or the one of a multi-model endpoint that a header names. */
export function invocationsSchema(example: Servable | undefined): object {
  const header = { ...TEXT, description: 'The model of a multi-model endpoint; the default model without it.' }
  const headers = objectOf({ 'X-Amzn-SageMaker-Target-Model?': header })
  return invocationSchema('Predict with the default model, or the one that a header names', { headers }, example)
}

export const invokeSchema = (example: Servable | undefined): object =>
  invocationSchema('Predict', { params: pathParameters(['model'], exampleOfModel(example)) }, example)

const STATUS = objectOf({ status: TEXT })
const MODEL = objectOf({ modelName: TEXT, modelUrl: TEXT })

interface EndpointRoute {
  readonly summary: string
  readonly answer: JsonSchema
  readonly statuses: readonly RefusalStatus[]
}

const ENDPOINT = {
  load: { summary: 'Load a model', answer: STATUS, statuses: [400, 404, 409, 413, 415, 422, 500, 503, 507] },
  list: { summary: 'Names of the models', answer: MODELS_PAGE, statuses: [400, 415, 500] },
  describe: { summary: 'A model that is loaded', answer: MODEL, statuses: [400, 404, 415, 500] },
  unload: { summary: 'Unload a model', answer: STATUS, statuses: [400, 404, 413, 415, 500] },
} as const satisfies Record<string, EndpointRoute>

const REQUESTS: Partial<Record<keyof typeof ENDPOINT, object>> = {
  load: { body: contentOf(objectOf({ model_name: { ...TEXT, minLength: 1 }, url: { ...TEXT, minLength: 1 } })) },
  list: { querystring: PAGE_QUERY },
}

export function endpointSchema(of: keyof typeof ENDPOINT, example?: Servable): object {
  const { summary, answer, statuses } = ENDPOINT[of]
  const isOfModel = of === 'describe' || of === 'unload'
  return {
    ...{ tags, summary, ...REQUESTS[of] },
    ...(isOfModel ? { params: pathParameters(['model'], exampleOfModel(example)) } : {}),
    response: { 200: answerOf('Done.', answer), ...refusalsOf(TORCHSERVE_ERROR, statuses) },
  }
}
