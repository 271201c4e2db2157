import { ClientError } from './client-error.ts'
import type { ConsoleClient } from './console-client.ts'
import { toArtifact, toExperiment, toRun, toSeries, toVersion } from './from-wire.ts'
import type { ArtifactEntry, MetricSeries, Run } from './records.ts'
import type { WireExperiment, WireFile, WireMetric, WireModelVersion, WireRun } from './wire.ts'

/** Everything that a page of one run shows, embedded in the page as JSON; each part as MLflow's API writes it. */
export interface StaticRun {
  /** Form of this record. */
  readonly format: 1
  readonly experiment: WireExperiment
  readonly run: WireRun
  readonly children: readonly WireRun[]
  /** Points of the run's metrics by their names. */
  readonly metrics: Readonly<Record<string, readonly WireMetric[]>>
  /** Files; folders follow from their paths. */
  readonly files: readonly WireFile[]
  /** Texts of the small artifacts that are shown as text: a page that is opened as a file may not read other files. */
  readonly texts: Readonly<Record<string, string>>
  readonly versions: readonly WireModelVersion[]
}

/** Reads the run that is embedded in the page; artifacts lie in the folder `artifacts` beside it. */
export function createStaticClient(data: StaticRun): ConsoleClient {
  const experiment = toExperiment(data.experiment)
  const run = toRun(data.run)
  const children = data.children.map(toRun)
  const runs = [run, ...children]
  const files = data.files.map(toArtifact)
  const versions = data.versions.map(toVersion)
  const findRun = (id: string): Run => runs.find((one) => one.id === id) ?? missing(`run ${id}`)
  return {
    canWrite: false,
    onlyRunId: run.id,
    home: async () => ({ hasTracking: true, servers: new Map() }),
    searchExperiments: async () => [experiment],
    experiment: async () => experiment,
    lastRun: async () => run,
    runCounts: async () => new Map([[experiment.id, runs.length]]),
    searchRuns: async ({ filter }) => ({ items: filter.includes(run.id) ? children : runs }),
    run: async (id) => findRun(id),
    metricSeries: async (runIds, key) =>
      runIds.map((id) => {
        const points = id === run.id ? data.metrics[key] : undefined
        return points ? toSeries(id, key, points) : lastPoint(findRun(id), key)
      }),
    listArtifacts: async (runId, path) => (runId === run.id ? entriesIn(files, path) : []),
    artifactUrl: (_owner, path) => `artifacts/${path.split('/').map(encodeURIComponent).join('/')}`,
    async readText(_owner, path) {
      const text = data.texts[path]
      if (text === undefined)
        throw new ClientError('missing', 'This export holds no text of the file: open it instead.')
      return { text, isCut: false }
    },
    searchModels: async () => [],
    model: async (name) => missing(`model ${name}`),
    modelVersions: async (name) => versions.filter((version) => version.name === name),
    versionsOfRun: async () => versions,
    auditTrail: async () => ({ entries: undefined }),
    setRunTag: readOnly,
    deleteRunTag: readOnly,
    deleteRuns: readOnly,
    restoreRuns: readOnly,
    setAlias: readOnly,
    deleteAlias: readOnly,
    setModelTag: readOnly,
    deleteModelTag: readOnly,
    setVersionTag: readOnly,
    deleteVersionTag: readOnly,
  }
}

async function readOnly(): Promise<never> {
  throw new ClientError('denied', 'An exported run cannot be changed.')
}

function missing(what: string): never {
  throw new ClientError('missing', `This export does not hold the ${what}.`)
}

/** Only the run itself has its curves in the export; its children have their last values. */
function lastPoint(run: Run, key: string): MetricSeries {
  const metric = run.metrics[key]
  if (!metric) return { runId: run.id, key, steps: [], timesMs: [], values: [] }
  return { runId: run.id, key, steps: [metric.step], timesMs: [metric.timestampMs], values: [metric.value] }
}

/** The files and folders directly in a folder. */
export function entriesIn(files: readonly ArtifactEntry[], folder: string): ArtifactEntry[] {
  const prefix = folder === '' ? '' : `${folder}/`
  const entries = new Map<string, ArtifactEntry>()
  for (const file of files) {
    if (!file.path.startsWith(prefix)) continue
    const [first, ...rest] = file.path.slice(prefix.length).split('/')
    const path = prefix + first
    entries.set(path, rest.length === 0 ? file : { path, isFolder: true, sizeBytes: undefined })
  }
  return [...entries.values()]
}
