import type { Run } from '../client/records.ts'

export type ColumnKind = 'attribute' | 'metric' | 'param' | 'tag'

/** A column of the run table; its id is `kind:key` and stays in addresses and saved views. */
export interface RunColumn {
  readonly id: string
  readonly kind: ColumnKind
  readonly key: string
  readonly label: string
  readonly isNumeric: boolean
  readonly widthPx: number
}

const ATTRIBUTES: readonly RunColumn[] = [
  attribute('started', 'Started', 104),
  attribute('duration', 'Duration', 88, true),
  attribute('status', 'Status', 96),
  attribute('user', 'User', 110),
  attribute('source', 'Source', 150),
  attribute('dataset', 'Dataset', 150),
  attribute('model', 'Model', 150),
  attribute('runId', 'Run ID', 120),
]

function attribute(key: string, label: string, widthPx: number, isNumeric = false): RunColumn {
  return { id: `attribute:${key}`, kind: 'attribute', key, label, isNumeric, widthPx }
}

export function columnOf(id: string): RunColumn {
  const own = ATTRIBUTES.find((column) => column.id === id)
  if (own) return own
  const colon = id.indexOf(':')
  const kind = id.slice(0, colon) as ColumnKind
  const key = id.slice(colon + 1)
  const isNumeric = kind === 'metric'
  return { id, kind, key, label: key, isNumeric, widthPx: Math.min(220, Math.max(96, key.length * 7 + 34)) }
}

/** Every column that the runs have something for: attributes, then metrics, parameters and tags by name. */
export function availableColumns(runs: readonly Run[]): RunColumn[] {
  const keys = { metric: new Set<string>(), param: new Set<string>(), tag: new Set<string>() }
  for (const run of runs) {
    for (const key in run.metrics) keys.metric.add(key)
    for (const key in run.params) keys.param.add(key)
    for (const key in run.tags) if (!isReservedTag(key)) keys.tag.add(key)
  }
  const columns = (['metric', 'param', 'tag'] as const).flatMap((kind) =>
    [...keys[kind]].sort((a, b) => a.localeCompare(b)).map((key) => columnOf(`${kind}:${key}`)),
  )
  return [...ATTRIBUTES, ...columns]
}

/** Tags of the client libraries, which the attributes show in a better form. */
export const isReservedTag = (key: string): boolean => key.startsWith('mlflow.') || key === 'fivefold.dataHash'

const MOST_METRICS = 6
const MOST_PARAMS = 6
const LONG_VALUE = 40

/** What is shown where nobody has chosen: when, how long, the first metrics, and the parameters that tell runs apart. */
export function defaultColumns(runs: readonly Run[], available: readonly RunColumn[]): string[] {
  const metrics = available.filter(({ kind, key }) => kind === 'metric' && !key.startsWith('system/'))
  const params = available.filter(({ kind, key }) => kind === 'param' && tellsApart(runs, key))
  return [
    'attribute:started',
    'attribute:duration',
    ...metrics.slice(0, MOST_METRICS).map(({ id }) => id),
    ...params.slice(0, MOST_PARAMS).map(({ id }) => id),
  ]
}

function tellsApart(runs: readonly Run[], key: string): boolean {
  const values = new Set<string>()
  for (const { params } of runs) {
    const value = params[key]
    if (value === undefined) continue
    if (value.length > LONG_VALUE) return false
    values.add(value)
  }
  return values.size > 1 || runs.length === 1
}

/** The value as it is compared and grouped; undefined where the run has none. */
export function cellValue(run: Run, { kind, key }: RunColumn): string | number | undefined {
  if (kind === 'metric') return run.metrics[key]?.value
  if (kind === 'param') return run.params[key]
  if (kind === 'tag') return run.tags[key]
  return attributeValue(run, key)
}

function attributeValue(run: Run, key: string): string | number | undefined {
  switch (key) {
    case 'name':
      return run.name
    case 'started':
      return run.startedMs
    case 'duration':
      return durationMs(run)
    case 'status':
      return run.status
    case 'user':
      return run.user || undefined
    case 'source':
      return run.tags['mlflow.source.name']
    case 'dataset':
      return run.datasets[0]?.name ?? run.tags['fivefold.dataHash']?.slice(0, 19)
    case 'model':
      return modelNames(run).join(', ') || undefined
    default:
      return run.id
  }
}

export const durationMs = (run: Run): number | undefined =>
  run.startedMs !== undefined && run.endedMs !== undefined ? run.endedMs - run.startedMs : undefined

/** Folders of the models that the client library logged with the run. */
function modelNames(run: Run): string[] {
  try {
    const history = JSON.parse(run.tags['mlflow.log-model.history'] ?? '[]') as { artifact_path?: string }[]
    return history.map(({ artifact_path }) => artifact_path ?? 'model')
  } catch {
    return []
  }
}

const ORDER_NAMES: Readonly<Record<string, string>> = {
  started: 'attributes.start_time',
  status: 'attributes.status',
  user: 'tags.`mlflow.user`',
  source: 'tags.`mlflow.source.name`',
  name: 'attributes.run_name',
  runId: 'attributes.run_id',
}

/** The server's name of a column in `order_by`; undefined where the server cannot sort by it. */
export function orderName({ kind, key }: Pick<RunColumn, 'kind' | 'key'>): string | undefined {
  return kind === 'attribute' ? ORDER_NAMES[key] : `${kind}s.\`${key.replaceAll('`', '``')}\``
}
