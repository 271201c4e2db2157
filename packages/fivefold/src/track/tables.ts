import type { Kysely, Transaction } from 'kysely'

export interface Tables {
  experiments: { id: string; name: string; created_ms: number }
  runs: { id: string; experiment_id: string; status: string; started_ms: number; ended_ms: number | null }
  params: { run_id: string; key: string; value: string }
  tags: { run_id: string; key: string; value: string }
  metrics: MetricRow
  latest_metrics: MetricRow
  artifacts: { run_id: string; name: string; sha256: string; size_bytes: number }
  models: { name: string; created_ms: number }
  model_versions: {
    model: string
    version: number
    content_hash: string
    run_id: string | null
    metrics: string
    created_ms: number
  }
  model_aliases: { model: string; alias: string; version: number }
  /** `sequence` keeps the order of entries of the same millisecond. */
  audit: { sequence?: number; timestamp_ms: number; action: string; model: string; details: string }
  migrations: { number: number; name: string; applied_ms: number }
}

/** `value` is null for NaN, which SQLite has no form of. */
interface MetricRow {
  run_id: string
  key: string
  step: number
  timestamp_ms: number
  value: number | null
}

export type Database = Kysely<Tables>
export type WriteTransaction = Transaction<Tables> | Kysely<Tables>
