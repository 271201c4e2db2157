import { sql } from 'kysely'
import { FivefoldError } from '../../core/index.ts'
import type { Database } from '../database/database.ts'
import { inChunks } from '../database/in-chunks.ts'
import type { TraceRow, Writer } from '../database/tables.ts'
import { requireExperiment } from '../experiments/experiments.ts'
import { type Page, pageLimit, type SearchQuery } from '../search/page.ts'
import { searchIds } from '../search/search-ids.ts'
import { traceField } from './trace-fields.ts'

export type TraceState = 'STATE_UNSPECIFIED' | 'OK' | 'ERROR' | 'IN_PROGRESS'

/** One call of an application: what went in and came out, how long it took; its spans beside it. */
export interface TraceInfo {
  readonly id: string
  readonly experimentId: string
  readonly clientRequestId: string | null
  readonly requestMs: number
  readonly durationMs: number | null
  readonly state: TraceState
  readonly requestPreview: string | null
  readonly responsePreview: string | null
  readonly tags: Readonly<Record<string, string>>
  readonly metadata: Readonly<Record<string, string>>
  /** JSON texts as clients sent them. */
  readonly assessments: readonly string[]
}

export interface TraceStore {
  /** Writes a trace, or brings one up to date: tags and metadata are added to those that are there. */
  putTrace(trace: Omit<TraceInfo, 'assessments'>): Promise<void>
  /** Adds spans, as JSON texts by their ids; one that is there is written anew. Throws TRACE_NOT_FOUND. */
  putSpans(traceId: string, spans: ReadonlyMap<string, string>): Promise<void>
  /** Throws TRACE_NOT_FOUND. */
  getTrace(traceId: string): Promise<TraceInfo>
  /** Those that exist, in the order of the ids. */
  getTraces(traceIds: readonly string[]): Promise<TraceInfo[]>
  readSpans(traceId: string): Promise<string[]>
  /** Newest first where `orderBy` does not say otherwise. */
  searchTraces(query: SearchQuery & { readonly experimentIds: readonly string[] }): Promise<Page<TraceInfo>>
  setTraceTag(traceId: string, key: string, value: string): Promise<void>
  deleteTraceTag(traceId: string, key: string): Promise<void>
  putAssessment(traceId: string, assessmentId: string, content: string): Promise<void>
  getAssessment(traceId: string, assessmentId: string): Promise<string>
  deleteAssessment(traceId: string, assessmentId: string): Promise<void>
  /** By ids, or the oldest up to a time. Returns how many there were. */
  deleteTraces(
    experimentId: string,
    which: { readonly ids?: readonly string[]; readonly untilMs?: number; readonly limit?: number },
  ): Promise<number>
}

export function createTraces(database: Database): TraceStore {
  const { read } = database
  const require = async (reader: Writer, id: string): Promise<void> => {
    const row = await reader.selectFrom('traces').select('id').where('id', '=', id).executeTakeFirst()
    if (!row) throw notFound(id)
  }
  const putPart = (traceId: string, kind: 'span' | 'assessment', parts: ReadonlyMap<string, string>): Promise<void> =>
    database.write(async (writer) => {
      await require(writer, traceId)
      const rows = [...parts].map(([part_id, content]) => ({ trace_id: traceId, kind, part_id, content }))
      await inChunks(rows, async (chunk) => {
        await writer
          .insertInto('trace_parts')
          .values(chunk)
          .onConflict((conflict) =>
            conflict
              .columns(['trace_id', 'kind', 'part_id'])
              .doUpdateSet((e) => ({ content: e.ref('excluded.content') })),
          )
          .execute()
      })
    })
  const getTraces: TraceStore['getTraces'] = (ids) => readTraces(database, ids)

  return {
    getTraces,
    putTrace: (trace) => database.write((writer) => putTrace(writer, trace)),
    putSpans: (traceId, spans) => putPart(traceId, 'span', spans),
    async getTrace(traceId) {
      const [trace] = await getTraces([traceId])
      if (trace) return trace
      throw notFound(traceId)
    },
    async readSpans(traceId) {
      const rows = await read
        .selectFrom('trace_parts')
        .select('content')
        .where('trace_id', '=', traceId)
        .where('kind', '=', 'span')
        .execute()
      return rows.map(({ content }) => content)
    },
    async searchTraces({ experimentIds, ...query }) {
      const searched = {
        table: 'traces',
        id: ['id'],
        resolve: traceField,
        conditions: [database.dialect.among(sql.ref('traces.experiment_id'), experimentIds)],
        ties: () => [sql`traces.request_ms desc`, sql`traces.id`],
      }
      const limit = pageLimit(query.limit, 100, 500)
      const { items, ...page } = await searchIds<{ id: string }>(database, searched, { ...query, limit })
      return { items: await getTraces(items.map(({ id }) => id)), ...page }
    },
    setTraceTag: (traceId, key, value) =>
      database.write(async (writer) => {
        await require(writer, traceId)
        await putPairs(writer, 'trace_tags', traceId, { [key]: value })
      }),
    deleteTraceTag: (traceId, key) =>
      database.write(async (writer) => {
        await require(writer, traceId)
        await writer.deleteFrom('trace_tags').where('trace_id', '=', traceId).where('key', '=', key).execute()
      }),
    putAssessment: (traceId, id, content) => putPart(traceId, 'assessment', new Map([[id, content]])),
    async getAssessment(traceId, assessmentId) {
      const row = await read
        .selectFrom('trace_parts')
        .select('content')
        .where('trace_id', '=', traceId)
        .where('kind', '=', 'assessment')
        .where('part_id', '=', assessmentId)
        .executeTakeFirst()
      if (row) return row.content
      throw new FivefoldError('TRACE_NOT_FOUND', `trace '${traceId}' has no assessment '${assessmentId}'`)
    },
    deleteAssessment: (traceId, assessmentId) =>
      database.write(async (writer) => {
        await require(writer, traceId)
        await writer
          .deleteFrom('trace_parts')
          .where('trace_id', '=', traceId)
          .where('kind', '=', 'assessment')
          .where('part_id', '=', assessmentId)
          .execute()
      }),
    deleteTraces: (experimentId, which) =>
      database.write(async (writer) => {
        let query = writer.selectFrom('traces').select('id').where('experiment_id', '=', experimentId)
        if (which.ids) query = query.where(database.dialect.among(sql.ref('id'), which.ids))
        if (which.untilMs !== undefined) query = query.where('request_ms', '<=', which.untilMs)
        const rows = await query
          .orderBy('request_ms')
          .limit(which.limit ?? 100_000)
          .execute()
        await removeTraces(
          database,
          writer,
          rows.map(({ id }) => id),
        )
        return rows.length
      }),
  }
}

export async function removeTraces({ dialect }: Database, writer: Writer, ids: readonly string[]): Promise<void> {
  for (const table of ['trace_parts', 'trace_tags', 'trace_metadata'] as const)
    await writer
      .deleteFrom(table)
      .where(dialect.among(sql.ref('trace_id'), ids))
      .execute()
  await writer
    .deleteFrom('traces')
    .where(dialect.among(sql.ref('id'), ids))
    .execute()
}

const notFound = (id: string): FivefoldError => new FivefoldError('TRACE_NOT_FOUND', `there is no trace '${id}'`)

async function putTrace(writer: Writer, trace: Omit<TraceInfo, 'assessments'>): Promise<void> {
  await requireExperiment(writer, trace.experimentId)
  const { id, ...values } = toRow(trace)
  await writer
    .insertInto('traces')
    .values({ id, ...values })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
    .execute()
  await putPairs(writer, 'trace_tags', id, trace.tags)
  await putPairs(writer, 'trace_metadata', id, trace.metadata)
}

const toRow = (trace: Omit<TraceInfo, 'assessments'>): TraceRow => ({
  id: trace.id,
  experiment_id: trace.experimentId,
  client_request_id: trace.clientRequestId,
  request_ms: trace.requestMs,
  duration_ms: trace.durationMs,
  state: trace.state,
  request_preview: trace.requestPreview,
  response_preview: trace.responsePreview,
})

async function putPairs(
  writer: Writer,
  table: 'trace_tags' | 'trace_metadata',
  traceId: string,
  pairs: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [key, value] of Object.entries(pairs))
    await writer
      .insertInto(table)
      .values({ trace_id: traceId, key, value })
      .onConflict((conflict) => conflict.columns(['trace_id', 'key']).doUpdateSet({ value }))
      .execute()
}

type ReadRow = TraceRow & { tags: string | null; metadata: string | null; assessments: string | null }

async function readTraces({ read, dialect }: Database, ids: readonly string[]): Promise<TraceInfo[]> {
  const pairs = (table: string): ReturnType<typeof dialect.jsonObject> =>
    dialect.jsonObject(sql`select key, value from ${sql.table(table)} where trace_id = traces.id order by key`)
  const assessments = sql`select part_id as key, content as value from trace_parts
    where trace_id = traces.id and kind = 'assessment' order by part_id`
  const { rows } = await sql<ReadRow>`select traces.*, ${pairs('trace_tags')} as tags,
      ${pairs('trace_metadata')} as metadata, ${dialect.jsonObject(assessments)} as assessments
    from traces where ${dialect.among(sql.ref('id'), ids)}`.execute(read)
  const found = new Map(rows.map((row) => [row.id, toTrace(row)]))
  return ids.flatMap((id) => found.get(id) ?? [])
}

const parse = (json: string | null): Record<string, string> =>
  json === null ? {} : (JSON.parse(json) as Record<string, string>)

const toTrace = (row: ReadRow): TraceInfo => ({
  id: row.id,
  experimentId: row.experiment_id,
  clientRequestId: row.client_request_id,
  requestMs: row.request_ms,
  durationMs: row.duration_ms,
  state: row.state as TraceState,
  requestPreview: row.request_preview,
  responsePreview: row.response_preview,
  tags: parse(row.tags),
  metadata: parse(row.metadata),
  assessments: Object.values(parse(row.assessments)),
})
