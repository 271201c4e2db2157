import { sql } from 'kysely'
import { FivefoldError } from '../core/index.ts'
import type { WriteTransaction } from './tables.ts'

interface Migration {
  readonly number: number
  readonly name: string
  readonly statements: readonly string[]
}

/** Numbered, in order, and never edited once released: a change of the tables is a new entry. */
const MIGRATIONS: readonly Migration[] = [
  {
    number: 1,
    name: 'runs and registry',
    statements: [
      'create table experiments (id text primary key, name text not null unique, created_ms bigint not null)',
      `create table runs (id text primary key, experiment_id text not null references experiments (id),
        status text not null, started_ms bigint not null, ended_ms bigint)`,
      'create index runs_by_experiment on runs (experiment_id, started_ms)',
      'create index runs_by_start on runs (started_ms)',
      `create table params (run_id text not null references runs (id), key text not null, value text not null,
        primary key (run_id, key))`,
      `create table tags (run_id text not null references runs (id), key text not null, value text not null,
        primary key (run_id, key))`,
      `create table metrics (run_id text not null references runs (id), key text not null, step bigint not null,
        timestamp_ms bigint not null, value double precision)`,
      'create index metrics_by_run on metrics (run_id, key, step)',
      `create table latest_metrics (run_id text not null references runs (id), key text not null,
        step bigint not null, timestamp_ms bigint not null, value double precision, primary key (run_id, key))`,
      `create table artifacts (run_id text not null references runs (id), name text not null, sha256 text not null,
        size_bytes bigint not null, primary key (run_id, name))`,
      'create table models (name text primary key, created_ms bigint not null)',
      `create table model_versions (model text not null references models (name), version integer not null,
        content_hash text not null, run_id text references runs (id), metrics text not null,
        created_ms bigint not null, primary key (model, version))`,
      `create table model_aliases (model text not null, alias text not null, version integer not null,
        primary key (model, alias), foreign key (model, version) references model_versions (model, version))`,
      `create table audit (sequence integer primary key autoincrement, timestamp_ms bigint not null,
        action text not null, model text not null, details text not null)`,
    ],
  },
]

/** Applies what is missing; the caller holds the write lock, so processes that open at once do not collide. */
export async function applyMigrations(transaction: WriteTransaction, nowMs: number): Promise<void> {
  await sql`create table if not exists migrations (number integer primary key, name text not null, applied_ms bigint not null)`.execute(
    transaction,
  )
  const applied = await transaction.selectFrom('migrations').select('number').execute()
  const done = new Set(applied.map(({ number }) => number))
  const newest = Math.max(0, ...done)
  if (newest > MIGRATIONS.length)
    throw new FivefoldError('STORE_UNAVAILABLE', `the store was written by a newer release (its form is ${newest})`, {
      remedy: 'Upgrade fivefold, or use another store.',
    })
  for (const { number, name, statements } of MIGRATIONS) {
    if (done.has(number)) continue
    for (const statement of statements) await sql.raw(statement).execute(transaction)
    await transaction.insertInto('migrations').values({ number, name, applied_ms: nowMs }).execute()
  }
}
