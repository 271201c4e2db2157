import type { ModelIdentity, ServerMetrics, Stage } from '../metrics/server-metrics.ts'

/** A part of a request on the clock of `performance.now()`. */
export interface RequestPart {
  readonly stage: Stage
  readonly startMs: number
  readonly endMs: number
}

/** What becomes known of a request while it is answered; objectives and logs read it at the end. */
export interface RequestRecord {
  readonly id: string
  /** On the clock of `performance.now()`. */
  readonly startMs: number
  /** The version that answers; absent where none was found. Of a deployment it is the variant, once one is chosen. */
  model?: ModelIdentity
  /** Name of the token that was shown. */
  caller?: string
  readonly parts: RequestPart[]
}

/** A request of thousands of rows may run in hundreds of pieces: the first ones stand for all. */
const MOST_PARTS = 32

/** Notes a part of a request that is on record. */
export function notePart(record: RequestRecord | undefined, stage: Stage, startMs: number, endMs: number): void {
  if (record && record.parts.length < MOST_PARTS) record.parts.push({ stage, startMs, endMs })
}

/** Ends a part that began then. */
export type PartTimer = (stage: Stage, startMs: number) => void

/** Takes the time of parts that end now, for the histograms of a model and for the record of the request. */
export function createPartTimer(
  metrics: ServerMetrics,
  model: ModelIdentity,
  record: RequestRecord | undefined,
): PartTimer {
  if (record) record.model = model
  const measured = metrics.of(model)
  return (stage, startMs) => {
    const endMs = performance.now()
    measured.stage(stage, endMs - startMs)
    notePart(record, stage, startMs, endMs)
  }
}
