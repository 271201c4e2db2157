import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Writer } from '../database/tables.ts'
import type { Dataset, DatasetInput, RunStore } from './run.ts'
import { requireActiveRun } from './run-records.ts'

type LineageMethods = Pick<RunStore, 'logInputs' | 'logOutputs' | 'listDatasets'>

const CONTEXT_TAG = 'mlflow.data.context'

/** What runs read and made. */
export function createLineage(database: Database): LineageMethods {
  return {
    logInputs: (runId, datasets, modelIds = []) =>
      database.write(async (writer) => {
        const run = await requireActiveRun(writer, runId)
        for (const input of datasets) await addInput(writer, runId, run.experiment_id, input)
        for (const modelId of modelIds) await addModel(writer, runId, modelId, 'input', 0)
      }),
    logOutputs: (runId, models) =>
      database.write(async (writer) => {
        await requireActiveRun(writer, runId)
        for (const { modelId, step } of models) await addModel(writer, runId, modelId, 'output', step)
      }),
    async listDatasets(experimentIds) {
      const rows = await database.read
        .selectFrom('datasets')
        .leftJoin('run_datasets', 'run_datasets.dataset_id', 'datasets.id')
        .select(['datasets.experiment_id', 'datasets.name', 'datasets.digest', 'run_datasets.context'])
        .distinct()
        .where(database.dialect.among(sql.ref('datasets.experiment_id'), experimentIds))
        .orderBy('datasets.name')
        .limit(1000)
        .execute()
      return rows.map(({ experiment_id, name, digest, context }) => ({
        experimentId: experiment_id,
        name,
        digest,
        context,
      }))
    },
  }
}

async function addInput(
  writer: Writer,
  runId: string,
  experimentId: string,
  { dataset, tags }: DatasetInput,
): Promise<void> {
  const id = datasetId(experimentId, dataset)
  const { name, digest, sourceType, source, schema = null, profile = null } = dataset
  await writer
    .insertInto('datasets')
    .values({ id, experiment_id: experimentId, name, digest, source_type: sourceType, source, schema, profile })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const values = { context: tags[CONTEXT_TAG] ?? null, tags: JSON.stringify(tags) }
  await writer
    .insertInto('run_datasets')
    .values({ run_id: runId, dataset_id: id, ...values })
    .onConflict((conflict) => conflict.columns(['run_id', 'dataset_id']).doUpdateSet(values))
    .execute()
}

/** The same data of the same experiment is one dataset. */
const datasetId = (experimentId: string, { name, digest }: Dataset): string =>
  createHash('sha256')
    .update(JSON.stringify([experimentId, name, digest]))
    .digest('hex')
    .slice(0, 32)

export async function addModel(
  writer: Writer,
  runId: string,
  modelId: string,
  direction: 'input' | 'output',
  step: number,
): Promise<void> {
  await writer
    .insertInto('run_models')
    .values({ run_id: runId, model_id: modelId, direction, step })
    .onConflict((conflict) => conflict.columns(['run_id', 'model_id', 'direction']).doUpdateSet({ step }))
    .execute()
}
