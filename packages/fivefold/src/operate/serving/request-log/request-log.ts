import { uniformOf } from '../../rollout/policy/uniform-of.ts'
import type { RequestPart, RequestRecord } from '../requests/request-record.ts'
import type { RequestEnd, RequestListener } from '../requests/request-recorder.ts'
import type { LineWriter } from './line-writer.ts'

/** Which requests get a line: all, those that fail (4xx, 5xx), or those and a share of the others. */
export type LoggedRequests = 'all' | 'errors' | number

export interface RequestLogOptions {
  readonly requests: LoggedRequests
  /** Lines are appended to it; to standard error without one. */
  readonly file?: string
}

export interface OpenedRequestLog extends RequestListener {
  close(): Promise<void>
}

/** Opens a log. What writes it is loaded only then. */
export async function openRequestLog({ requests, file }: RequestLogOptions): Promise<OpenedRequestLog> {
  const { createLineWriter } = await import('./line-writer.ts')
  const writer = createLineWriter(file)
  return { ...createRequestLog(requests, writer), close: writer.close }
}

/**
 * One JSON line for each request: what was asked of which model, how long its parts took, who asked by the name of a token. Nothing
 * of what was sent is in it, nor an address, nor a path: it holds no personal data but what a sender puts into its request id.
 */
export function createRequestLog(which: LoggedRequests, writer: LineWriter): RequestListener {
  const share = typeof which === 'number' ? which : which === 'all' ? 1 : 0
  return {
    ended(record, end) {
      if (end.status < 400 && !isDrawn(record.id, share)) return
      writer.write(lineOf(record, end))
      const dropped = writer.takeDropped()
      if (dropped > 0) writer.write(JSON.stringify({ ...headOf('warn', 'lines of the log were dropped'), dropped }))
    },
  }
}

/** By its id, so that whoever else draws by it keeps the same requests. */
const isDrawn = (id: string, share: number): boolean =>
  share >= 1 || (share > 0 && uniformOf('request-log', id) < share)

const headOf = (level: 'info' | 'warn', message: string): object => ({ time: new Date().toISOString(), level, message })

function lineOf(
  { id, startMs, model, caller, parts }: RequestRecord,
  { route, method, status, endMs }: RequestEnd,
): string {
  return JSON.stringify({
    ...headOf(status >= 500 ? 'warn' : 'info', 'request'),
    requestId: id,
    ...{ method, route, status },
    durationMs: micros(endMs - startMs),
    ...(model && { model: model.name, version: model.version }),
    ...(caller !== undefined && { caller }),
    ...(parts.length > 0 && { stagesMs: stagesOf(parts) }),
  })
}

/** To the microsecond. */
const micros = (ms: number): number => Math.round(ms * 1000) / 1000

/** What a request spent in each part; a request that runs in pieces has several of one. */
function stagesOf(parts: readonly RequestPart[]): Record<string, number> {
  const stages: Record<string, number> = {}
  for (const { stage, startMs, endMs } of parts) stages[stage] = micros((stages[stage] ?? 0) + endMs - startMs)
  return stages
}
