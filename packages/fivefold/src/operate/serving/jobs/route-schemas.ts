import { z } from 'zod'
import { ERROR_SCHEMA } from '../protocols/predict/model-schema.ts'
import { answerOf, objectOf, type RefusalStatus, refusalsOf, TEXT } from '../wire/describe-route.ts'
import type { JsonSchema } from '../wire/json-schema.ts'
import { FILE_FORMATS, jobRecordSchema } from './job-record.ts'

const tags = ['jobs']

const JOB = jobSchema()

function jobSchema(): JsonSchema {
  const { owner, ...shown } = jobRecordSchema.shape
  const { $schema, ...json } = z.toJSONSchema(
    z.strictObject({
      ...shown,
      rowsDone: z.number(),
      secondsLeft: z.number().exactOptional(),
      expiresMs: z.number().exactOptional(),
    }),
  )
  return json
}

const FILE: JsonSchema = { type: 'string', format: 'binary' }
const SENT_TYPES = [
  'text/csv',
  'application/jsonlines',
  'application/vnd.apache.parquet',
  'application/vnd.apache.arrow.stream',
  'application/vnd.apache.arrow.file',
]
const contents = (types: readonly string[]): object => ({
  content: Object.fromEntries(types.map((type) => [type, { schema: FILE }])),
})

const PARAMS = objectOf({ id: { ...TEXT, description: 'Of the job, as it was answered to whoever sent the file.' } })
const refused = (...statuses: readonly RefusalStatus[]): object => refusalsOf(ERROR_SCHEMA, statuses)

export const JOB_SCHEMAS = {
  submit: {
    tags,
    summary: 'Predict on a file',
    description:
      'The file as the body: CSV with a header line, JSON lines, Parquet, or Arrow without compression. Answered at once with the job; its answers are in the order of the rows.',
    querystring: objectOf({
      'model?': { ...TEXT, description: 'Name of the model; the default one without.' },
      'version?': TEXT,
      'answer?': { type: 'string', enum: FILE_FORMATS, description: 'What the answers come as; Parquet without.' },
    }),
    body: contents(SENT_TYPES),
    response: { 202: answerOf('The job.', JOB), ...refused(400, 404, 413, 415, 422, 500, 503) },
  },
  status: {
    ...{ tags, summary: 'How far a job is', params: PARAMS },
    response: { 200: answerOf('The job.', JOB), ...refused(404, 415, 500) },
  },
  remove: {
    ...{ tags, summary: 'Stop a job and remove its files', params: PARAMS },
    response: { 200: answerOf('The job as it was.', JOB), ...refused(400, 404, 413, 415, 500) },
  },
  result: {
    ...{ tags, summary: 'The answers, a row for each row of the file', params: PARAMS },
    response: {
      200: {
        description: 'The file.',
        ...contents(['text/csv', 'application/jsonlines', 'application/vnd.apache.parquet']),
      },
      ...refused(404, 409, 415, 500),
    },
  },
}
