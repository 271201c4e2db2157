import { sql } from 'kysely'
import type { FieldResolver } from '../search/fields.ts'
import { unknownField } from '../search/unknown-field.ts'

const COLUMNS: Readonly<Record<string, readonly ['text' | 'number', string]>> = {
  request_id: ['text', 'id'],
  trace_id: ['text', 'id'],
  id: ['text', 'id'],
  client_request_id: ['text', 'client_request_id'],
  status: ['text', 'state'],
  state: ['text', 'state'],
  timestamp: ['number', 'request_ms'],
  timestamp_ms: ['number', 'request_ms'],
  execution_time: ['number', 'duration_ms'],
  execution_time_ms: ['number', 'duration_ms'],
}

/** Attributes that clients keep as a tag or as metadata. */
const STAND_INS: Readonly<Record<string, readonly ['trace_tags' | 'trace_metadata', string]>> = {
  name: ['trace_tags', 'mlflow.traceName'],
  run_id: ['trace_metadata', 'mlflow.sourceRun'],
}

const TABLES: Readonly<Record<string, string>> = {
  tag: 'trace_tags',
  tags: 'trace_tags',
  metadata: 'trace_metadata',
  request_metadata: 'trace_metadata',
}

/** What the names in a filter over traces stand for. */
export const traceField: FieldResolver = (entity = 'attributes', key) => {
  if (Object.hasOwn(TABLES, entity)) return keyed(TABLES[entity]!, key)
  const isAttribute = ['attribute', 'attributes', 'attr', 'trace'].includes(entity)
  if (isAttribute && Object.hasOwn(STAND_INS, key)) return keyed(...STAND_INS[key]!)
  if (!isAttribute || !Object.hasOwn(COLUMNS, key))
    throw unknownField(
      entity,
      key,
      ['attribute', 'trace', 'tag', 'metadata'],
      [...Object.keys(COLUMNS), 'name', 'run_id'],
    )
  const [type, column] = COLUMNS[key]!
  return { kind: 'column', type, column: sql.ref(`traces.${column}`) }
}

const keyed = (table: string, key: string): ReturnType<FieldResolver> => ({
  kind: 'keyed',
  type: 'text',
  source: { table, owner: 'trace_id' },
  key,
  id: sql.ref('traces.id'),
})
