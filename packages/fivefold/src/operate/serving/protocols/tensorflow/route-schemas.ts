import type { Servable } from '../../model/servable.ts'
import { exampleRow } from '../../tables/example-row.ts'
import {
  answerOf,
  contentOf,
  exampleOfModel,
  INFERENCE_REFUSALS,
  objectOf,
  pathParameters,
  refusalsOf,
  TEXT,
} from '../../wire/describe-route.ts'
import type { JsonSchema } from '../../wire/json-schema.ts'
import { examplesOf } from '../values/value-schemas.ts'

export const METHODS = ['predict', 'classify', 'regress'] as const
export type PredictMethod = (typeof METHODS)[number]

/** How a path names the model: alone, with a version, or with a label. */
export type ModelPlace = 'model' | 'version' | 'label'

/** What examples are made from. */
interface Described {
  readonly example?: Servable
  readonly labels?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

const tags = ['tensorflow serving']
const ERROR = objectOf({ error: TEXT })
const QUESTION_REFUSALS = [400, 404, 415, 500, 503] as const

function parametersOf(place: ModelPlace, { example, labels = {} }: Described): JsonSchema {
  const [label] = example && Object.hasOwn(labels, example.name) ? Object.keys(labels[example.name]!) : []
  const names = place === 'model' ? (['model'] as const) : (['model', place] as const)
  return pathParameters(names, { ...exampleOfModel(example), label })
}

const STATUS = objectOf({
  model_version_status: {
    type: 'array',
    items: objectOf({
      version: TEXT,
      state: { enum: ['LOADING', 'AVAILABLE', 'UNLOADING', 'END'] },
      status: objectOf({ error_code: { enum: ['OK', 'INTERNAL'] }, error_message: TEXT }),
    }),
  },
})
const METADATA = objectOf({
  model_spec: objectOf({ name: TEXT, signature_name: TEXT, version: TEXT }),
  metadata: objectOf({ signature_def: { type: 'object' } }),
})

const QUESTIONS = {
  status: { summary: 'States of versions', schema: STATUS },
  metadata: { summary: 'Names, types and shapes of inputs and outputs', schema: METADATA },
}

export function questionSchema(of: keyof typeof QUESTIONS, place: ModelPlace, options: Described): object {
  const { summary, schema } = QUESTIONS[of]
  return {
    ...{ tags, summary, params: parametersOf(place, options) },
    response: { 200: answerOf('As TensorFlow Serving says it.', schema), ...refusalsOf(ERROR, QUESTION_REFUSALS) },
  }
}

export function callSchema(method: PredictMethod, place: ModelPlace, options: Described): object {
  const call = CALLS[method]
  return {
    ...{ tags, summary: call.summary, description: call.description, params: parametersOf(place, options) },
    body: contentOf({ ...call.body, ...call.examples(options.example) }),
    response: {
      200: answerOf('One entry a row, or whole outputs.', call.answer),
      ...refusalsOf(ERROR, INFERENCE_REFUSALS),
    },
  }
}

interface Call {
  readonly summary: string
  readonly description: string
  readonly body: JsonSchema
  readonly answer: JsonSchema
  examples(model: Servable | undefined): { examples?: readonly unknown[] }
}

const signature: JsonSchema = { type: 'string', enum: ['serving_default', ''] }
const instances: JsonSchema = { type: 'array', minItems: 1 }
const examples: JsonSchema = { type: 'array', minItems: 1, items: { type: 'object' } }
const examplesBody = objectOf({ 'signature_name?': signature, 'context?': { type: 'object' }, examples })

const CALLS: Readonly<Record<PredictMethod, Call>> = {
  predict: {
    summary: 'Predict for rows (instances) or whole inputs',
    description:
      'Rows are objects by input name, or plain values where there is one input; of a bundle also lists of all columns. NaN, Infinity and -Infinity are read and written as tokens.',
    body: {
      anyOf: [
        objectOf({ 'signature_name?': signature, instances }, { not: { required: ['inputs'] } }),
        objectOf({ 'signature_name?': signature, inputs: {} }, { not: { required: ['instances'] } }),
      ],
    },
    answer: { anyOf: [objectOf({ predictions: { type: 'array' } }), objectOf({ outputs: {} })] },
    examples: (model) => examplesOf(model, (instance) => ({ instances: [instance] })),
  },
  classify: {
    summary: 'Classes and their scores for each example',
    description: 'For bundles that predict a class. A feature is a value, or a list of one.',
    body: examplesBody,
    answer: objectOf({ result: { type: 'array', items: { type: 'array', items: { type: 'array' } } } }),
    examples: (model) => tableExamples(model, 'classification'),
  },
  regress: {
    summary: 'A number for each example',
    description: 'For bundles that predict a number. A feature is a value, or a list of one.',
    body: examplesBody,
    answer: objectOf({ result: { type: 'array', items: { type: 'number' } } }),
    examples: (model) => tableExamples(model, 'regression'),
  },
}

function tableExamples(model: Servable | undefined, task: string): { examples?: readonly unknown[] } {
  return model?.table?.output.task === task ? { examples: [{ examples: [exampleRow(model.table)] }] } : {}
}
