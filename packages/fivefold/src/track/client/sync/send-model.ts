import type { ModelEntry, Registration } from '../journal/journal-entry.ts'
import type { HttpWire } from '../wire/http-wire.ts'
import { WireError } from '../wire/wire-error.ts'
import { sendFiles } from './send-files.ts'

/** By it a model or version is found again where the answer to its creation was lost. */
const MODEL_KEY_TAG = 'fivefold.modelKey'

export interface ModelRun {
  readonly id: string
  readonly experimentId: string
  readonly artifactUri: string
}

interface WireTag {
  readonly key: string
  readonly value: string
}
interface WireModel {
  readonly info: { readonly model_id: string; readonly artifact_uri: string; readonly tags?: readonly WireTag[] }
}

const pairs = (record: Readonly<Record<string, string>>): WireTag[] =>
  Object.entries(record).map(([key, value]) => ({ key, value }))

const hasKey = (tags: readonly WireTag[] | undefined, key: string): boolean =>
  tags?.some((tag) => tag.key === MODEL_KEY_TAG && tag.value === key) === true

/**
 * Every step looks first whether it is done, so that a model that was sent in part is neither lost nor there twice. Servers
 * without logged models (MLflow 2) take it as an artifact of the run.
 */
export async function sendModel(wire: HttpWire, entry: ModelEntry, run: ModelRun, copies: string): Promise<void> {
  const logged = await loggedModel(wire, entry, run)
  if (logged) {
    const { model_id: modelId, artifact_uri: uri } = logged.info
    await sendFiles(wire, uri, '', { copies, files: entry.files })
    await wire.call('PATCH', `logged-models/${modelId}`, { model_id: modelId, status: 'LOGGED_MODEL_READY' })
    await wire.call('POST', 'runs/outputs', { run_id: run.id, models: [{ model_id: modelId, step: 0 }] })
    if (entry.register) await register(wire, entry, run, entry.register, `models:/${modelId}`, modelId)
    return
  }
  await sendFiles(wire, run.artifactUri, entry.name, { copies, files: entry.files })
  if (entry.register) await register(wire, entry, run, entry.register, `${run.artifactUri}/${entry.name}`)
}

/** Undefined where the server knows no logged models. */
async function loggedModel(wire: HttpWire, entry: ModelEntry, run: ModelRun): Promise<WireModel | undefined> {
  try {
    const { models = [] } = await wire.call<{ models?: WireModel[] }>('POST', 'logged-models/search', {
      experiment_ids: [run.experimentId],
      filter: `source_run_id = '${run.id}'`,
    })
    const known = models.find(({ info }) => hasKey(info.tags, entry.key))
    if (known) return known
    const { model } = await wire.call<{ model: WireModel }>('POST', 'logged-models', {
      experiment_id: run.experimentId,
      name: entry.name,
      source_run_id: run.id,
      tags: pairs({ [MODEL_KEY_TAG]: entry.key }),
    })
    return model
  } catch (error) {
    if (error instanceof WireError && (error.status === 404 || error.status === 405)) return undefined
    throw error
  }
}

async function register(
  wire: HttpWire,
  entry: ModelEntry,
  run: ModelRun,
  { name, aliases = [], tags = {} }: Registration,
  source: string,
  modelId?: string,
): Promise<void> {
  await wire.call('POST', 'registered-models/create', { name }).catch((error: unknown) => {
    if (!(error instanceof WireError) || error.wireCode !== 'RESOURCE_ALREADY_EXISTS') throw error
  })
  interface WireVersion {
    readonly version: string
    readonly tags?: readonly WireTag[]
  }
  const filter = `name = '${name.replaceAll("'", "''")}'`
  const { model_versions: known = [] } = await wire.call<{ model_versions?: WireVersion[] }>(
    'GET',
    'model-versions/search',
    { filter, max_results: 100 },
  )
  let version = known.find((one) => hasKey(one.tags, entry.key))
  if (!version) {
    const answer = await wire.call<{ model_version: WireVersion }>('POST', 'model-versions/create', {
      name,
      source,
      run_id: run.id,
      ...(modelId !== undefined && { model_id: modelId }),
      tags: pairs({ ...tags, [MODEL_KEY_TAG]: entry.key }),
    })
    version = answer.model_version
  }
  for (const alias of aliases)
    await wire.call('POST', 'registered-models/alias', { name, alias, version: version.version })
}
