import type { Servable } from '../../model/servable.ts'
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
import { examplesOf } from '../values/value-schemas.ts'
import { TORCHSERVE_ERROR } from './error-form.ts'

const tags = ['torchserve']

type PathNames = Parameters<typeof pathParameters>[0]

const INFERENCE = {
  predictions: { summary: 'Predict', answer: 'What the model says, in the form of the question.' },
  explanations: { summary: 'What each column added to the answer', answer: 'An explanation for each instance.' },
} as const

export function inferenceSchema(of: keyof typeof INFERENCE, names: PathNames, example: Servable | undefined): object {
  const { summary, answer } = INFERENCE[of]
  // Only what is known of a bundle explains its answers.
  const examples =
    of === 'predictions' || example?.table?.background ? examplesOf(example, (instance) => [instance]) : {}
  return {
    ...{ tags, summary, params: pathParameters(names, exampleOfModel(example)) },
    description:
      'One instance, a list of them, or a list under `instances` or `data`; the answer has the form of the question.',
    body: contentOf(examples),
    response: { 200: answerOf(answer, {}), ...refusalsOf(TORCHSERVE_ERROR, INFERENCE_REFUSALS) },
  }
}

const STATUS = objectOf({ status: TEXT })

interface ManagementRoute {
  readonly summary: string
  readonly answer: JsonSchema
  readonly statuses: readonly RefusalStatus[]
  readonly querystring?: JsonSchema
}

const DESCRIPTION: JsonSchema = {
  type: 'array',
  items: objectOf({
    ...{ modelName: TEXT, modelVersion: TEXT, modelUrl: TEXT, engine: TEXT, runtime: TEXT },
    ...{ minWorkers: { type: 'integer' }, maxWorkers: { type: 'integer' } },
    workers: {
      type: 'array',
      items: objectOf({
        id: TEXT,
        status: { enum: ['LOADING', 'READY', 'UNLOADING', 'FAILED'] },
        gpu: { type: 'boolean' },
      }),
    },
  }),
}

const registerQuery = (example: string | undefined): JsonSchema =>
  objectOf({
    'url?': { ...TEXT, description: 'The name of the model is its last part, without its ending.' },
    'model_name?': {
      ...{ ...TEXT, description: 'The name of the model, whatever the url.' },
      ...(example === undefined ? {} : { examples: [example] }),
    },
  })

const MANAGEMENT = {
  register: {
    summary: 'Load a model that the server was told of',
    answer: STATUS,
    statuses: [400, 404, 413, 415, 422, 500, 503],
  },
  list: { summary: 'Names of the models', answer: MODELS_PAGE, statuses: [400, 415, 500], querystring: PAGE_QUERY },
  describe: { summary: 'Versions of a model and their state', answer: DESCRIPTION, statuses: [400, 404, 415, 500] },
  scale: {
    summary: 'Changes nothing: every process answers for every model',
    answer: STATUS,
    statuses: [400, 404, 413, 415, 500],
  },
  unregister: { summary: 'Unload a model, or a version of it', answer: STATUS, statuses: [400, 404, 413, 415, 500] },
} as const satisfies Record<string, ManagementRoute>

/**
 * @param names of the parameters in the path
 * @param examples of them
 */
export function managementSchema(
  of: keyof typeof MANAGEMENT,
  names: PathNames = [],
  examples: Readonly<Record<string, string>> = {},
): object {
  const { summary, answer, statuses, ...query } = MANAGEMENT[of]
  return {
    ...{ tags, summary, ...(of === 'register' ? { querystring: registerQuery(examples.model) } : query) },
    ...(names.length > 0 ? { params: pathParameters(names, examples) } : {}),
    response: { 200: answerOf('Done.', answer), ...refusalsOf(TORCHSERVE_ERROR, statuses) },
  }
}
