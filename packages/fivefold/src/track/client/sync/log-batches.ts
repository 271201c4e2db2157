import type { LogEntry } from '../journal/journal-entry.ts'

/** What MLflow takes in one call. */
const MAX_ENTITIES = 1000
const MAX_PARAMS = 100
const MAX_TAGS = 100
const MAX_BYTES = 900_000

export interface LogBatch {
  readonly run: string
  readonly entries: readonly LogEntry[]
}

/** Entries as calls: each run's in its own order, as many in a call as the limits allow. */
export function planBatches(entries: readonly LogEntry[]): LogBatch[] {
  const byRun = new Map<string, LogEntry[]>()
  for (const entry of entries) {
    const known = byRun.get(entry.run)
    if (known) known.push(entry)
    else byRun.set(entry.run, [entry])
  }
  return [...byRun].flatMap(([run, ofRun]) => cutToLimits(ofRun).map((part) => ({ run, entries: part })))
}

function cutToLimits(entries: readonly LogEntry[]): LogEntry[][] {
  const parts: LogEntry[][] = []
  let part: LogEntry[] = []
  let counts = { param: 0, tag: 0, metric: 0, bytes: 0 }
  for (const entry of entries) {
    const bytes = sizeOf(entry)
    const isFull =
      part.length >= MAX_ENTITIES ||
      (entry.kind === 'param' && counts.param >= MAX_PARAMS) ||
      (entry.kind === 'tag' && counts.tag >= MAX_TAGS) ||
      counts.bytes + bytes > MAX_BYTES
    if (isFull && part.length > 0) {
      parts.push(part)
      part = []
      counts = { param: 0, tag: 0, metric: 0, bytes: 0 }
    }
    part.push(entry)
    counts[entry.kind]++
    counts.bytes += bytes
  }
  if (part.length > 0) parts.push(part)
  return parts
}

/** Upper bound of its JSON in bytes: a character takes at most six. */
function sizeOf(entry: LogEntry): number {
  return entry.kind === 'metric' ? 120 + Buffer.byteLength(entry.key) : Buffer.byteLength(JSON.stringify(entry))
}

interface WireBatch {
  readonly metrics: readonly object[]
  readonly params: readonly object[]
  readonly tags: readonly object[]
}

/** The fields of a call; the last value of a tag wins, as it would one after the other. */
export function toWireBatch(entries: readonly LogEntry[]): WireBatch {
  const metrics: object[] = []
  const params: object[] = []
  const tags = new Map<string, string>()
  for (const entry of entries) {
    const { kind, key, value } = entry
    if (kind === 'metric') metrics.push({ key, value, step: entry.step, timestamp: entry.timestampMs })
    else if (kind === 'param') params.push({ key, value })
    else tags.set(key, value)
  }
  return { metrics, params, tags: [...tags].map(([key, value]) => ({ key, value })) }
}
