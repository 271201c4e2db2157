import type { Readable } from 'node:stream'
import { FivefoldError } from '../../../core/index.ts'
import { pathOfUri } from '../../artifacts/artifact-path.ts'
import type { ArtifactEntry } from '../../artifacts/artifact-store.ts'
import type { Experiment, NewExperiment } from '../../experiments/experiments.ts'
import type { MetricPoint } from '../../runs/run.ts'
import type { Page, SearchQuery } from '../../search/page.ts'
import type { HttpWire } from '../wire/http-wire.ts'
import { WireError } from '../wire/wire-error.ts'
import {
  type RemoteRun,
  toExperiment,
  toMetricPoint,
  toRun,
  type WireExperiment,
  type WireMetric,
  type WireRun,
} from './from-wire.ts'
import { createModelQueries, type ModelQueries } from './model-queries.ts'

export interface ExperimentQueries {
  /** Returns the id. Throws STORE_CONFLICT where the name is taken. */
  create(experiment: NewExperiment): Promise<string>
  /** Throws RUN_NOT_FOUND. */
  get(id: string): Promise<Experiment>
  find(name: string): Promise<Experiment | undefined>
  search(query?: SearchQuery): Promise<Page<Experiment>>
  setTag(id: string, key: string, value: string): Promise<void>
  delete(id: string): Promise<void>
}

export interface RunQueries {
  /** Throws RUN_NOT_FOUND. */
  get(id: string): Promise<RemoteRun>
  /** MLflow's filters. Throws OPTION_INVALID. */
  search(query: SearchQuery & { readonly experimentIds: readonly string[] }): Promise<Page<RemoteRun>>
  /** Every point of a metric. */
  metricHistory(id: string, key: string): Promise<MetricPoint[]>
  delete(id: string): Promise<void>
}

export interface ArtifactQueries {
  /** What lies directly in a folder of a run; '' is its root. Names are paths from that root. */
  list(runId: string, folder?: string): Promise<ArtifactEntry[]>
  /** Throws ARTIFACT_NOT_FOUND. */
  open(runId: string, name: string): Promise<Readable>
}

/** Calls that ask the server and wait for its answer. Throw STORE_UNAVAILABLE where it cannot be reached. */
export interface TrackingQueries {
  readonly experiments: ExperimentQueries
  readonly runs: RunQueries
  readonly artifacts: ArtifactQueries
  readonly models: ModelQueries
}

export function createQueries(wire: HttpWire): TrackingQueries {
  const runs = createRunQueries(wire)
  return {
    experiments: createExperimentQueries(wire),
    runs,
    artifacts: createArtifactQueries(wire, runs),
    models: createModelQueries(wire),
  }
}

const toFields = ({ filter, orderBy, limit, pageToken }: SearchQuery): Record<string, unknown> => ({
  ...(filter !== undefined && { filter }),
  ...(orderBy !== undefined && { order_by: orderBy }),
  ...(pageToken !== undefined && { page_token: pageToken }),
  max_results: limit ?? 1000,
})

const toPage = <W, T>(
  items: readonly W[] | undefined,
  token: string | undefined,
  convert: (item: W) => T,
): Page<T> => ({
  items: (items ?? []).map(convert),
  ...(token && { nextPageToken: token }),
})

function createExperimentQueries(wire: HttpWire): ExperimentQueries {
  return {
    async create({ name, artifactLocation, tags = {} }) {
      const answer = await wire.call<{ experiment_id: string }>('POST', 'experiments/create', {
        name,
        ...(artifactLocation !== undefined && { artifact_location: artifactLocation }),
        tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
      })
      return answer.experiment_id
    },
    async get(id) {
      const { experiment } = await wire.call<{ experiment: WireExperiment }>('GET', 'experiments/get', {
        experiment_id: id,
      })
      return toExperiment(experiment)
    },
    async find(name) {
      try {
        const found = await wire.call<{ experiment: WireExperiment }>('GET', 'experiments/get-by-name', {
          experiment_name: name,
        })
        return toExperiment(found.experiment)
      } catch (error) {
        if (error instanceof WireError && error.wireCode === 'RESOURCE_DOES_NOT_EXIST') return undefined
        throw error
      }
    },
    async search(query = {}) {
      const answer = await wire.call<{ experiments?: WireExperiment[]; next_page_token?: string }>(
        'POST',
        'experiments/search',
        toFields(query),
      )
      return toPage(answer.experiments, answer.next_page_token, toExperiment)
    },
    async setTag(id, key, value) {
      await wire.call('POST', 'experiments/set-experiment-tag', { experiment_id: id, key, value })
    },
    async delete(id) {
      await wire.call('POST', 'experiments/delete', { experiment_id: id })
    },
  }
}

const HISTORY_PAGE = 25_000

function createRunQueries(wire: HttpWire): RunQueries {
  return {
    async get(id) {
      return toRun((await wire.call<{ run: WireRun }>('GET', 'runs/get', { run_id: id })).run)
    },
    async search({ experimentIds, ...query }) {
      const fields = { ...toFields(query), experiment_ids: experimentIds }
      const answer = await wire.call<{ runs?: WireRun[]; next_page_token?: string }>('POST', 'runs/search', fields)
      return toPage(answer.runs, answer.next_page_token, toRun)
    },
    async metricHistory(id, key) {
      const points: MetricPoint[] = []
      let token: string | undefined
      do {
        const fields = { run_id: id, metric_key: key, max_results: HISTORY_PAGE, page_token: token }
        const answer = await wire.call<{ metrics?: WireMetric[]; next_page_token?: string }>(
          'GET',
          'metrics/get-history',
          fields,
        )
        for (const metric of answer.metrics ?? []) points.push(toMetricPoint(metric))
        token = answer.next_page_token || undefined
      } while (token !== undefined)
      return points
    },
    async delete(id) {
      await wire.call('POST', 'runs/delete', { run_id: id })
    },
  }
}

function createArtifactQueries(wire: HttpWire, runs: RunQueries): ArtifactQueries {
  interface WireFile {
    readonly path: string
    readonly is_dir?: boolean
    readonly file_size?: number | string
  }
  return {
    async list(runId, folder = '') {
      const fields = { run_id: runId, ...(folder !== '' && { path: folder }) }
      const { files = [] } = await wire.call<{ files?: WireFile[] }>('GET', 'artifacts/list', fields)
      return files.map(({ path, is_dir, file_size }) => ({
        name: path,
        isFolder: is_dir === true,
        sizeBytes: Number(file_size ?? 0),
      }))
    },
    async open(runId, name) {
      const { artifactUri } = await runs.get(runId)
      const folder = pathOfUri(artifactUri)
      if (folder === undefined)
        throw new FivefoldError('OPTION_INVALID', `artifacts at ${artifactUri} do not go through the tracking server`)
      try {
        return await wire.download(`${folder}/${name}`)
      } catch (error) {
        if (!(error instanceof WireError) || error.status !== 404) throw error
        throw new FivefoldError('ARTIFACT_NOT_FOUND', `run '${runId}' has no artifact '${name}'`, { cause: error })
      }
    },
  }
}
