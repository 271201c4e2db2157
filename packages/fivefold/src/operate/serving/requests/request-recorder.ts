import { outcomeOf, type ServerMetrics } from '../metrics/server-metrics.ts'
import { isPrediction } from './prediction-routes.ts'
import type { RequestRecord } from './request-record.ts'

/** How a request ended. */
export interface RequestEnd {
  /** The pattern of a route, or the full name of a method of gRPC. */
  readonly route: string
  /** Of HTTP; `gRPC` for a call. */
  readonly method: string
  /** Of HTTP; of a call the one that its error has there. 499 where the sender went away. */
  readonly status: number
  readonly endMs: number
  readonly isPrediction: boolean
}

/** Told of every request when it has ended. Must not throw. */
export interface RequestListener {
  ended(record: RequestRecord, end: RequestEnd): void
}

/** Keeps count of requests, whichever way they come in. */
export interface RequestRecorder {
  start(id: string): RequestRecord
  end(record: RequestRecord, end: Omit<RequestEnd, 'endMs' | 'isPrediction'>): void
}

export function createRequestRecorder(
  metrics: ServerMetrics,
  listeners: readonly RequestListener[] = [],
): RequestRecorder {
  return {
    start(id) {
      const record: RequestRecord = { id, startMs: performance.now(), parts: [] }
      metrics.requestStarted()
      return record
    },
    end(record, { route, method, status }) {
      const endMs = performance.now()
      const ms = endMs - record.startMs
      metrics.requestEnded(route, method, status, ms)
      const ended = { route, method, status, endMs, isPrediction: isPrediction(route, method) }
      if (ended.isPrediction) metrics.predictionEnded(record.model, outcomeOf(status), ms)
      for (const listener of listeners) listener.ended(record, ended)
    },
  }
}
