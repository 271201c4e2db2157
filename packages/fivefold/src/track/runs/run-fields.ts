import { sql } from 'kysely'
import type { Field, FieldResolver } from '../search/fields.ts'
import { unknownField } from '../search/unknown-field.ts'

const RUN = sql.ref('runs.id')

const ATTRIBUTES: Readonly<Record<string, Field>> = {
  run_id: { kind: 'column', type: 'text', column: RUN },
  run_name: { kind: 'column', type: 'text', column: sql.ref('runs.name') },
  user_id: { kind: 'column', type: 'text', column: sql.ref('runs.user_name') },
  status: { kind: 'column', type: 'text', column: sql`upper(runs.status)` },
  artifact_uri: { kind: 'column', type: 'text', column: sql.ref('runs.artifact_uri') },
  start_time: { kind: 'column', type: 'number', column: sql.ref('runs.started_ms') },
  end_time: { kind: 'column', type: 'number', column: sql.ref('runs.ended_ms') },
}

const ALIASES: Readonly<Record<string, string>> = {
  created: 'start_time',
  Created: 'start_time',
  'run name': 'run_name',
  'Run name': 'run_name',
  'Run Name': 'run_name',
}

const DATASET_COLUMNS: Readonly<Record<string, string>> = {
  name: 'datasets.name',
  digest: 'datasets.digest',
  context: 'run_datasets.context',
}

const ENTITIES: Readonly<Record<string, 'metric' | 'param' | 'tag' | 'attribute' | 'dataset'>> = {
  metric: 'metric',
  metrics: 'metric',
  param: 'param',
  params: 'param',
  parameter: 'param',
  parameters: 'param',
  tag: 'tag',
  tags: 'tag',
  attribute: 'attribute',
  attributes: 'attribute',
  attr: 'attribute',
  run: 'attribute',
  dataset: 'dataset',
  datasets: 'dataset',
}

const KEYED = {
  metric: { table: 'latest_metrics', type: 'number' },
  param: { table: 'params', type: 'text' },
  tag: { table: 'tags', type: 'text' },
} as const

/** What the names in a filter over runs stand for: MLflow's, with their aliases. */
export const runField: FieldResolver = (entity = 'attribute', key) => {
  const known = Object.hasOwn(ENTITIES, entity) ? ENTITIES[entity] : undefined
  if (known === 'metric' || known === 'param' || known === 'tag') {
    const { table, type } = KEYED[known]
    return { kind: 'keyed', type, source: { table, owner: 'run_id', isIndexed: true }, key, id: RUN }
  }
  if (known === 'dataset') return datasetField(key)
  const name = Object.hasOwn(ALIASES, key) ? ALIASES[key]! : key
  if (known !== 'attribute' || !Object.hasOwn(ATTRIBUTES, name))
    throw unknownField(entity, key, [...new Set(Object.values(ENTITIES))], Object.keys(ATTRIBUTES))
  return ATTRIBUTES[name]!
}

function datasetField(key: string): Field {
  const column = Object.hasOwn(DATASET_COLUMNS, key) ? DATASET_COLUMNS[key] : undefined
  if (column === undefined) throw unknownField('dataset', key, ['dataset'], Object.keys(DATASET_COLUMNS))
  const owners = sql`select run_datasets.run_id from run_datasets
    join datasets on datasets.id = run_datasets.dataset_id where 1 = 1`
  return { kind: 'any', type: 'text', id: RUN, owners, column: sql.ref(column) }
}
