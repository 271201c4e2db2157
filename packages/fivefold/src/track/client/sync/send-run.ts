import type { RunEntry } from '../journal/journal-entry.ts'
import type { KnownRun } from '../journal/journal-progress.ts'
import type { HttpWire } from '../wire/http-wire.ts'
import { WireError } from '../wire/wire-error.ts'

/** By it a run is found again where the answer to its creation was lost. */
export const RUN_KEY_TAG = 'fivefold.runKey'
const PARENT_TAG = 'mlflow.parentRunId'

interface WireRun {
  readonly info: { readonly run_id: string; readonly experiment_id: string; readonly artifact_uri: string }
}

/** @param isInDoubt whether the server may have made the run already */
export async function sendRun(
  wire: HttpWire,
  entry: RunEntry,
  parentId: string | undefined,
  isInDoubt: boolean,
): Promise<KnownRun> {
  const experimentId = await experimentNamed(wire, entry.experiment)
  const made = isInDoubt ? await findRun(wire, experimentId, entry.run) : undefined
  const { info } = made ?? (await createRun(wire, entry, experimentId, parentId))
  return { run: entry.run, id: info.run_id, experimentId, artifactUri: info.artifact_uri }
}

async function createRun(wire: HttpWire, entry: RunEntry, experimentId: string, parentId?: string): Promise<WireRun> {
  const tags = {
    ...entry.tags,
    [RUN_KEY_TAG]: entry.run,
    ...(parentId !== undefined && { [PARENT_TAG]: parentId }),
    ...(entry.user !== undefined && { 'mlflow.user': entry.user }),
  }
  const { run } = await wire.call<{ run: WireRun }>('POST', 'runs/create', {
    experiment_id: experimentId,
    start_time: entry.startedMs,
    ...(entry.name !== undefined && { run_name: entry.name }),
    ...(entry.user !== undefined && { user_id: entry.user }),
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  })
  return run
}

async function findRun(wire: HttpWire, experimentId: string, key: string): Promise<WireRun | undefined> {
  const { runs = [] } = await wire.call<{ runs?: WireRun[] }>('POST', 'runs/search', {
    experiment_ids: [experimentId],
    filter: `tags.\`${RUN_KEY_TAG}\` = '${key}'`,
    run_view_type: 'ALL',
    max_results: 1,
  })
  return runs[0]
}

/** Made where it does not exist; several clients may do so at once. */
async function experimentNamed(wire: HttpWire, name: string): Promise<string> {
  const find = async (): Promise<string> => {
    const { experiment } = await wire.call<{ experiment: { experiment_id: string } }>(
      'GET',
      'experiments/get-by-name',
      { experiment_name: name },
    )
    return experiment.experiment_id
  }
  try {
    return await find()
  } catch (error) {
    if (!(error instanceof WireError) || error.wireCode !== 'RESOURCE_DOES_NOT_EXIST') throw error
  }
  try {
    return (await wire.call<{ experiment_id: string }>('POST', 'experiments/create', { name })).experiment_id
  } catch (error) {
    if (error instanceof WireError && error.wireCode === 'RESOURCE_ALREADY_EXISTS') return find()
    throw error
  }
}
