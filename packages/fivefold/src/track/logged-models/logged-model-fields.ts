import { sql } from 'kysely'
import type { FieldResolver } from '../search/fields.ts'
import { unknownField } from '../search/unknown-field.ts'

const COLUMNS: Readonly<Record<string, readonly ['text' | 'number', string]>> = {
  name: ['text', 'name'],
  model_id: ['text', 'id'],
  model_type: ['text', 'model_type'],
  status: ['text', 'status'],
  source_run_id: ['text', 'source_run_id'],
  creation_timestamp: ['number', 'created_ms'],
  creation_time: ['number', 'created_ms'],
  last_updated_timestamp: ['number', 'updated_ms'],
  last_updated_time: ['number', 'updated_ms'],
}

const TABLES: Readonly<Record<string, readonly ['text' | 'number', string]>> = {
  metric: ['number', 'latest_model_metrics'],
  metrics: ['number', 'latest_model_metrics'],
  param: ['text', 'logged_model_params'],
  params: ['text', 'logged_model_params'],
  tag: ['text', 'logged_model_tags'],
  tags: ['text', 'logged_model_tags'],
}

const STATUS = sql`case logged_models.status when 'ready' then 'READY' when 'pending' then 'PENDING' else 'FAILED' end`

/** What the names in a filter over logged models stand for. */
export const loggedModelField: FieldResolver = (entity = 'attributes', key) => {
  if (Object.hasOwn(TABLES, entity)) {
    const [type, table] = TABLES[entity]!
    return { kind: 'keyed', type, source: { table, owner: 'model_id' }, key, id: sql.ref('logged_models.id') }
  }
  const known = ['attribute', 'attributes', 'attr'].includes(entity) && Object.hasOwn(COLUMNS, key)
  if (!known) throw unknownField(entity, key, ['attribute', 'metric', 'param', 'tag'], Object.keys(COLUMNS))
  const [type, column] = COLUMNS[key]!
  return { kind: 'column', type, column: key === 'status' ? STATUS : sql.ref(`logged_models.${column}`) }
}
