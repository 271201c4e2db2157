import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { FivefoldError } from '../../../core/index.ts'
import { contentTypeIn, type MediaNames } from '../wire/media-types.ts'
import { FILE_FORMATS, type FileFormat, type InputFormat } from './job-record.ts'
import type { Jobs } from './jobs.ts'
import { JOB_SCHEMAS } from './route-schemas.ts'

interface Submit {
  readonly Querystring: { readonly model?: string; readonly version?: string; readonly answer?: string }
}
interface Named {
  readonly Params: { readonly id: string }
}

const TYPES: MediaNames<InputFormat> = {
  'text/csv': 'csv',
  'application/jsonlines': 'jsonl',
  'application/x-jsonlines': 'jsonl',
  'application/x-ndjson': 'jsonl',
  'application/vnd.apache.parquet': 'parquet',
  'application/parquet': 'parquet',
  'application/x-parquet': 'parquet',
  'application/vnd.apache.arrow.stream': 'arrow',
  'application/vnd.apache.arrow.file': 'arrow',
}
const TYPE_OF: Readonly<Record<FileFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonlines',
  parquet: 'application/vnd.apache.parquet',
}

/** Files that are too large for one answer: sent, worked on in the background, and fetched. */
export async function addJobRoutes(app: FastifyInstance, { jobs, uploadBytes }: JobRouteOptions): Promise<void> {
  app.removeAllContentTypeParsers()
  // The body goes to disk as it comes.
  app.addContentTypeParser(Object.keys(TYPES), (_request, payload, done) => done(null, payload))
  app.post<Submit>('/predict/jobs', { bodyLimit: uploadBytes, schema: JOB_SCHEMAS.submit }, async (request, reply) => {
    const { model, version, answer = 'parquet' } = request.query
    const job = await jobs.submit({
      ...(model === undefined ? {} : { model }),
      ...(version === undefined ? {} : { version }),
      input: contentTypeIn(request.headers['content-type'], TYPES, 'csv'),
      output: formatOf(answer),
      body: bodyOf(request.body),
    })
    return reply.code(202).header('location', `/predict/jobs/${job.id}`).send(job)
  })
  app.get<Named>('/predict/jobs/:id', { schema: JOB_SCHEMAS.status }, async ({ params }) => jobs.status(params.id))
  app.delete<Named>('/predict/jobs/:id', { schema: JOB_SCHEMAS.remove }, ({ params }) => jobs.remove(params.id))
  app.get<Named>('/predict/jobs/:id/result', { schema: JOB_SCHEMAS.result }, async ({ params }, reply) => {
    const { path, format } = jobs.result(params.id)
    reply.header('content-disposition', `attachment; filename="predictions.${format}"`)
    return reply.type(TYPE_OF[format]).send(createReadStream(path))
  })
}

export interface JobRouteOptions {
  readonly jobs: Jobs
  readonly uploadBytes: number
}

function formatOf(text: string): FileFormat {
  const format = FILE_FORMATS.find((known) => known === text)
  if (format) return format
  throw new FivefoldError('REQUEST_INVALID', `answer is none of ${FILE_FORMATS.join(', ')}`)
}

function bodyOf(body: unknown): Readable {
  if (typeof body === 'object' && body !== null && 'pipe' in body) return body as Readable
  throw new FivefoldError('REQUEST_INVALID', 'the request has no file')
}
