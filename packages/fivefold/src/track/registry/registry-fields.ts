import { type RawBuilder, sql } from 'kysely'
import type { FieldResolver } from '../search/fields.ts'
import { unknownField } from '../search/unknown-field.ts'

type Columns = Readonly<Record<string, readonly ['text' | 'number', string]>>

const MODEL_COLUMNS: Columns = {
  name: ['text', 'models.name'],
  creation_timestamp: ['number', 'models.created_ms'],
  timestamp: ['number', 'models.updated_ms'],
  last_updated_timestamp: ['number', 'models.updated_ms'],
}

const VERSION_COLUMNS: Columns = {
  name: ['text', 'model_versions.model'],
  run_id: ['text', 'model_versions.run_id'],
  source_path: ['text', 'model_versions.source'],
  version_number: ['number', 'model_versions.version'],
  version: ['number', 'model_versions.version'],
  creation_timestamp: ['number', 'model_versions.created_ms'],
  last_updated_timestamp: ['number', 'model_versions.updated_ms'],
}

function columnField(columns: Columns, entity: string, key: string): ReturnType<FieldResolver> {
  const known = ['attribute', 'attributes', 'attr'].includes(entity) && Object.hasOwn(columns, key)
  if (!known) throw unknownField(entity, key, ['attribute', 'tag'], Object.keys(columns))
  const [type, column] = columns[key]!
  return { kind: 'column', type, column: sql.ref(column) }
}

/** MLflow keeps prompts as models with this tag, and its clients ask for models with `!= 'true'`: without it, too. */
const PROMPT_TAG = 'mlflow.prompt.is_prompt'

const isTag = (entity: string): boolean => entity === 'tag' || entity === 'tags'

/** What the names in a filter over registered models stand for. */
export const modelField: FieldResolver = (entity = 'attribute', key) => {
  if (!isTag(entity)) return columnField(MODEL_COLUMNS, entity, key)
  if (key === PROMPT_TAG) return promptMark(sql`select value from model_tags where model = models.name`)
  return {
    kind: 'keyed',
    type: 'text',
    source: { table: 'model_tags', owner: 'model' },
    key,
    id: sql.ref('models.name'),
  }
}

/** What the names in a filter over model versions stand for. */
export const versionField: FieldResolver = (entity = 'attribute', key) => {
  if (!isTag(entity)) return columnField(VERSION_COLUMNS, entity, key)
  if (key === PROMPT_TAG)
    return promptMark(sql`select value from model_version_tags
      where model = model_versions.model and version = model_versions.version`)
  const id = sql`model_versions.model || '/' || model_versions.version`
  const owners = sql`select model || '/' || version from model_version_tags where key = ${key}`
  return { kind: 'any', type: 'text', id, owners, column: sql.ref('value') }
}

const promptMark = (tags: RawBuilder<unknown>): ReturnType<FieldResolver> => ({
  kind: 'column',
  type: 'text',
  column: sql`coalesce((${tags} and key = ${PROMPT_TAG}), 'false')`,
})
