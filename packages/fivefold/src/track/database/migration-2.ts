import type { Migration, SchemaWords } from './migration.ts'

/** What an MLflow client can name: lifecycles, lineage, logged models, stages, traces; and each metric point once. */
export const MLFLOW_TABLES: Migration = {
  number: 2,
  name: 'everything that an MLflow client names',
  statements: (words) => [
    ...experimentsAndRuns(),
    ...metrics(words),
    ...lineage(),
    ...artifacts(words),
    ...registry(),
    ...traces(),
    'create table access_tokens (hash text primary key, name text not null unique, scope text not null, created_ms bigint not null)',
  ],
}

const keyValue = (name: string, owner: string, table: string): string =>
  `create table ${name} (${owner} text not null references ${table}, key text not null, value text not null,
    primary key (${owner}, key))`

const experimentsAndRuns = (): string[] => [
  'alter table experiments add column updated_ms bigint not null default 0',
  "alter table experiments add column lifecycle text not null default 'active'",
  'alter table experiments add column artifact_location text',
  'update experiments set updated_ms = created_ms',
  keyValue('experiment_tags', 'experiment_id', 'experiments (id)'),
  'create table counters (name text primary key, value bigint not null)',
  "insert into counters values ('experiments', 0)",
  `insert into experiments (id, name, created_ms, updated_ms)
    select '0', 'Default', 0, 0 where not exists (select 1 from experiments where name = 'Default')`,
  "alter table runs add column name text not null default ''",
  "alter table runs add column user_name text not null default ''",
  "alter table runs add column lifecycle text not null default 'active'",
  'alter table runs add column deleted_ms bigint',
  "alter table runs add column artifact_uri text not null default ''",
  "update runs set artifact_uri = 'mlflow-artifacts:/' || experiment_id || '/' || id || '/artifacts'",
  "update runs set name = 'run-' || substr(id, 1, 8)",
  "insert into tags select id, 'mlflow.runName', name from runs where id not in (select run_id from tags where key = 'mlflow.runName')",
  'create index params_by_value on params (key, value)',
  'create index tags_by_value on tags (key, value)',
]

const metrics = ({ counter, clustered }: SchemaWords): string[] => [
  'alter table latest_metrics rename to latest_metrics_before',
  `create table latest_metrics (series ${counter}, run_id text not null references runs (id), key text not null,
    step bigint not null, timestamp_ms bigint not null, value double precision, unique (run_id, key))`,
  `insert into latest_metrics (run_id, key, step, timestamp_ms, value)
    select run_id, key, step, timestamp_ms, value from latest_metrics_before`,
  'drop table latest_metrics_before',
  'create index latest_metrics_by_value on latest_metrics (key, value)',
  `create table metric_points (series bigint not null references latest_metrics (series), step bigint not null,
    timestamp_ms bigint not null, value double precision not null, is_nan integer not null,
    primary key (series, step, timestamp_ms, value, is_nan)) ${clustered}`,
  `insert into metric_points select distinct series, m.step, m.timestamp_ms, coalesce(m.value, 0),
    case when m.value is null then 1 else 0 end
    from metrics as m join latest_metrics as l on l.run_id = m.run_id and l.key = m.key`,
  'drop table metrics',
]

const lineage = (): string[] => [
  `create table datasets (id text primary key, experiment_id text not null references experiments (id), name text not null,
    digest text not null, source_type text not null, source text not null, schema text, profile text,
    unique (experiment_id, name, digest))`,
  `create table run_datasets (run_id text not null references runs (id), dataset_id text not null references datasets (id),
    context text, tags text not null, primary key (run_id, dataset_id))`,
  'create index run_datasets_by_dataset on run_datasets (dataset_id)',
  `create table logged_models (id text primary key, experiment_id text not null references experiments (id),
    name text not null, model_type text, source_run_id text, status text not null, artifact_uri text not null,
    created_ms bigint not null, updated_ms bigint not null, lifecycle text not null)`,
  'create index logged_models_by_experiment on logged_models (experiment_id, created_ms)',
  'create index logged_models_by_run on logged_models (source_run_id)',
  keyValue('logged_model_params', 'model_id', 'logged_models (id)'),
  keyValue('logged_model_tags', 'model_id', 'logged_models (id)'),
  `create table model_metrics (model_id text not null references logged_models (id), run_id text not null, key text not null,
    step bigint not null, timestamp_ms bigint not null, value double precision, dataset_name text, dataset_digest text,
    primary key (model_id, key, run_id, step, timestamp_ms))`,
  `create view latest_model_metrics as select model_id, key, value from (select *, row_number() over
    (partition by model_id, key order by step desc, timestamp_ms desc, value desc) as place from model_metrics) as placed
    where place = 1`,
  `create table run_models (run_id text not null references runs (id), model_id text not null, direction text not null,
    step bigint not null, primary key (run_id, model_id, direction))`,
]

const artifacts = ({ bytewise }: SchemaWords): string[] => [
  `create table artifact_files (path text ${bytewise} primary key, sha256 text not null, size_bytes bigint not null,
    created_ms bigint not null)`,
  'create index artifact_files_by_content on artifact_files (sha256)',
  `insert into artifact_files select r.experiment_id || '/' || r.id || '/artifacts/' || a.name, a.sha256, a.size_bytes,
    r.started_ms from artifacts as a join runs as r on r.id = a.run_id`,
  'drop table artifacts',
]

const registry = (): string[] => [
  'alter table models add column updated_ms bigint not null default 0',
  'alter table models add column description text',
  'alter table models add column last_version integer not null default 0',
  `update models set updated_ms = created_ms,
    last_version = coalesce((select max(version) from model_versions where model = models.name), 0)`,
  keyValue('model_tags', 'model', 'models (name)'),
  'alter table model_versions add column updated_ms bigint not null default 0',
  'alter table model_versions add column user_name text',
  'alter table model_versions add column description text',
  "alter table model_versions add column source text not null default ''",
  'alter table model_versions add column storage_uri text',
  'alter table model_versions add column run_link text',
  "alter table model_versions add column stage text not null default 'None'",
  'alter table model_versions add column model_id text',
  "update model_versions set updated_ms = created_ms, source = 'mlflow-artifacts:/registry/' || content_hash",
  'create index model_versions_by_run on model_versions (run_id)',
  `create table model_version_tags (model text not null, version integer not null, key text not null, value text not null,
    primary key (model, version, key), foreign key (model, version) references model_versions (model, version))`,
]

const traces = (): string[] => [
  `create table traces (id text primary key, experiment_id text not null references experiments (id), client_request_id text,
    request_ms bigint not null, duration_ms bigint, state text not null, request_preview text, response_preview text)`,
  'create index traces_by_experiment on traces (experiment_id, request_ms)',
  keyValue('trace_tags', 'trace_id', 'traces (id)'),
  keyValue('trace_metadata', 'trace_id', 'traces (id)'),
  `create table trace_parts (trace_id text not null references traces (id), kind text not null, part_id text not null,
    content text not null, primary key (trace_id, kind, part_id))`,
]
