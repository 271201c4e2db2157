import type { FastifyReply, FastifyRequest } from 'fastify'
import { explanationTexts, methodText } from '../../explain/encode-explanations.ts'
import { type ExplainQuery, explainQuery } from '../../explain/explain-query.ts'
import { explainRows, type RowExplanations, requireExplainable } from '../../explain/explain-rows.ts'
import type { TableFace, Tensors } from '../../model/servable.ts'
import { createPartTimer } from '../../requests/request-record.ts'
import type { ModelEndpoint } from '../../runtime/model-repository.ts'
import type { Turns } from '../../runtime/turns.ts'
import { inferOptionsOf } from '../../server/request-signal.ts'
import type { ServingContext } from '../../server/serving-context.ts'
import { jsonOfPredictions, predictionTexts } from '../../tables/encode-predictions.ts'
import { encodeTable } from '../../tables/encode-table.ts'
import { rowsOfBody } from '../../tables/read-body.ts'
import { type CheckedRows, feedsOfRows } from '../../tables/row-feeds.ts'
import { TABLE_TYPES, type TableType } from '../../tables/table-types.ts'
import { acceptedTypeIn, contentTypeIn, type MediaNames } from '../../wire/media-types.ts'
import { bodyOf } from '../../wire/raw-body.ts'
import { type AskedRows, EVENT_STREAM, predictEvents } from './predict-events.ts'

/** What the requests for predictions on rows share. */
export interface RowsContext extends ServingContext {
  /** For what takes a database to read. */
  readonly turns: Turns
}

type AnswerType = TableType | typeof EVENT_STREAM

const ANSWER_TYPES: MediaNames<AnswerType> = { ...TABLE_TYPES, [EVENT_STREAM]: EVENT_STREAM }
/** Explanations nest, which no table does. */
const JSON_ONLY = { 'application/json': 'application/json' } as const

/** Predictions on rows of any type, in the type that `Accept` prefers; JSON where it leaves the choice. */
export async function predictRows(
  request: FastifyRequest,
  reply: FastifyReply,
  serving: RowsContext,
  endpoint: ModelEndpoint,
  table: TableFace,
): Promise<FastifyReply> {
  const explain = explainQuery(request.query)
  const types = explain ? JSON_ONLY : ANSWER_TYPES
  const accepted = acceptedTypeIn<AnswerType>(request.headers.accept, types, 'application/json')
  const options = inferOptionsOf(request, reply)
  const endPart = createPartTimer(serving.metrics, endpoint.model, request.record)
  const startMs = performance.now()
  const rows = await checkedRows(request, options.signal, serving, table)
  endPart('decode', startMs)
  const asked = { request, reply, endpoint, table, rows, options, serving, endPart }
  return accepted === EVENT_STREAM ? predictEvents(asked) : answerRows(asked, accepted, explain)
}

async function answerRows(asked: AskedRows, type: TableType, explain: ExplainQuery | undefined): Promise<FastifyReply> {
  const { reply, endpoint, table, rows, options, serving, endPart } = asked
  const { feeds } = rows
  if (explain) requireExplainable(endpoint, table, feeds)
  const answer = await endpoint.infer(feeds, options)
  const question = { feeds, answer, timeoutMs: serving.limits.timeoutMs, signal: options.signal }
  const explained = explain && (await explainRows(endpoint, table, { ...question, ...explain }))
  const startMs = performance.now()
  const body = await encode(answer, type, asked, explained)
  endPart('encode', startMs)
  return reply.type(typeHeader(type)).send(body)
}

async function checkedRows(
  request: FastifyRequest,
  signal: AbortSignal,
  { limits, turns }: RowsContext,
  { columns }: TableFace,
): Promise<CheckedRows> {
  const type = contentTypeIn(request.headers['content-type'], TABLE_TYPES, 'application/json')
  return feedsOfRows(await rowsOfBody(bodyOf(request), type, { columns, limits, signal, turns }), columns)
}

function encode(
  answer: Tensors,
  type: TableType,
  { request, reply, endpoint, table, rows: { warnings }, serving }: AskedRows,
  explained: RowExplanations | undefined,
): string | Promise<Uint8Array> {
  if (type === 'application/json') {
    const more = warnings.length > 0 ? `,"warnings":${JSON.stringify(warnings)}` : ''
    const how = explained ? `,"explanation":${methodText(explained)}` : ''
    const predictions = explained ? explainedPredictions(answer, table, explained) : jsonOfPredictions(answer, table)
    return `{${headOf(endpoint)},"predictions":${predictions},"requestId":${JSON.stringify(request.id)}${how}${more}}`
  }
  const { name, version } = endpoint.model
  reply.header('x-fivefold-model', asHeader(name)).header('x-fivefold-version', asHeader(version))
  if (warnings.length > 0) reply.header('x-fivefold-warnings', asHeader(warnings.join('; ')))
  return encodeTable(answer, table, type, serving.context)
}

function explainedPredictions(answer: Tensors, table: TableFace, explained: RowExplanations): string {
  const texts = explanationTexts(explained)
  return `[${predictionTexts(answer, table)
    .map((text, row) => `${text.slice(0, -1)},"explanation":${texts[row]}}`)
    .join()}]`
}

/** Which model answered, as members of a JSON object. */
export const headOf = ({ model: { name, version } }: ModelEndpoint): string =>
  `"model":${JSON.stringify(name)},"version":${JSON.stringify(version)}`

/** Names come from files: what a header cannot hold is written as in addresses. */
const asHeader = (text: string): string =>
  text.replace(/[^\x20-\x7e]|%/gu, (character) => Buffer.from(character).toString('hex').replace(/../g, '%$&'))

const typeHeader = (type: TableType): string =>
  type === 'application/json' || type === 'text/csv' ? `${type}; charset=utf-8` : type
