import { groupBy } from '../state/group-by.ts'
import type { ArtifactOwner, ConsoleClient } from './console-client.ts'
import { toArtifact, toAuditEntry, toExperiment, toModel, toRun, toSeries, toVersion } from './from-wire.ts'
import { createHttp, type Http, queryText, unlessMissing } from './http.ts'
import { readStart } from './read-start.ts'
import { createServingClient } from './serving-client.ts'
import type {
  WireAudit,
  WireExperiment,
  WireFile,
  WireHome,
  WireMetric,
  WireModelVersion,
  WirePage,
  WireRegisteredModel,
  WireRun,
  WireRunCounts,
} from './wire.ts'

const API = 'ajax-api/2.0/mlflow/'
/** What MLflow's API does not tell. */
const OWN_API = 'ajax-api/2.0/fivefold/'
/** The server's own limits on one request. */
const RUNS_PER_REQUEST = 100
const POINTS_PER_REQUEST = 2500

/** Speaks MLflow's REST API of the server that served the page. */
export function createLiveClient(root: string): ConsoleClient {
  const http = createHttp(`${root}${API}`)
  const own = createHttp(`${root}${OWN_API}`)
  return {
    canWrite: true,
    async home(signal) {
      const wire = await unlessMissing(createHttp(root).get<WireHome>('console.json', {}, signal))
      const { hasTracking, servers } = wire ?? { hasTracking: true, servers: [] }
      return { hasTracking, servers: new Map(servers.map(({ id, base }) => [id, createServingClient(root + base)])) }
    },
    ...experimentMethods(http, own),
    ...runMethods(http),
    ...artifactMethods(http, root),
    ...modelMethods(http, own),
  }
}

type Methods<K extends keyof ConsoleClient> = Pick<ConsoleClient, K>

function experimentMethods(
  http: Http,
  own: Http,
): Methods<'searchExperiments' | 'experiment' | 'lastRun' | 'runCounts'> {
  return {
    async searchExperiments(signal) {
      const wires = await allPages<WireExperiment>(
        (page_token) => http.send('POST', 'experiments/search', { max_results: 1000, ...page_token }, signal),
        'experiments',
      )
      return wires.map(toExperiment)
    },
    async experiment(id, signal) {
      const answer = await http.get<{ experiment: WireExperiment }>('experiments/get', { experiment_id: id }, signal)
      return toExperiment(answer.experiment)
    },
    async lastRun(id, signal) {
      const body = { experiment_ids: [id], max_results: 1, order_by: ['attributes.start_time DESC'] }
      const { runs } = await http.send<{ runs?: WireRun[] }>('POST', 'runs/search', body, signal)
      return runs?.[0] && toRun(runs[0])
    },
    async runCounts(signal) {
      const answer = await unlessMissing(own.get<WireRunCounts>('experiments/run-counts', {}, signal))
      return answer && new Map(answer.experiments.map(({ experiment_id, run_count }) => [experiment_id, run_count]))
    },
  }
}

function runMethods(
  http: Http,
): Methods<'searchRuns' | 'run' | 'metricSeries' | 'setRunTag' | 'deleteRunTag' | 'deleteRuns' | 'restoreRuns'> {
  const eachRun = async (path: string, runIds: readonly string[]): Promise<void> => {
    for (const run_id of runIds) await http.send('POST', path, { run_id })
  }
  return {
    async searchRuns({ experimentIds, filter, orderBy, deleted, limit, pageToken }, signal) {
      const body = {
        experiment_ids: experimentIds,
        filter,
        run_view_type: deleted ? 'DELETED_ONLY' : 'ACTIVE_ONLY',
        max_results: limit,
        order_by: orderBy,
        ...(pageToken !== undefined && { page_token: pageToken }),
      }
      const answer = await http.send<{ runs?: WireRun[] } & WirePage>('POST', 'runs/search', body, signal)
      return {
        items: (answer.runs ?? []).map(toRun),
        ...(answer.next_page_token && { nextToken: answer.next_page_token }),
      }
    },
    async run(id, signal) {
      const answer = await http.get<{ run: WireRun }>('runs/get', { run_id: id }, signal)
      return toRun(answer.run)
    },
    async metricSeries(runIds, key, maxPoints, signal) {
      const points: WireMetric[] = []
      for (let at = 0; at < runIds.length; at += RUNS_PER_REQUEST) {
        const query = {
          run_ids: runIds.slice(at, at + RUNS_PER_REQUEST),
          metric_key: key,
          max_results: Math.min(maxPoints, POINTS_PER_REQUEST),
        }
        const answer = await http.get<{ metrics?: WireMetric[] }>('metrics/get-history-bulk-interval', query, signal)
        points.push(...(answer.metrics ?? []))
      }
      const byRun = groupBy(points, ({ run_id }) => run_id ?? runIds[0]!)
      return runIds.map((id) => toSeries(id, key, byRun.get(id) ?? []))
    },
    async setRunTag(run_id, key, value) {
      await http.send('POST', 'runs/set-tag', { run_id, key, value })
    },
    async deleteRunTag(run_id, key) {
      await http.send('POST', 'runs/delete-tag', { run_id, key })
    },
    deleteRuns: (runIds) => eachRun('runs/delete', runIds),
    restoreRuns: (runIds) => eachRun('runs/restore', runIds),
  }
}

function artifactMethods(http: Http, root: string): Methods<'listArtifacts' | 'artifactUrl' | 'readText'> {
  const artifactUrl = ({ runId, model }: ArtifactOwner, path: string): string =>
    model
      ? `${root}model-versions/get-artifact${queryText({ path, name: model.name, version: model.version })}`
      : `${root}get-artifact${queryText({ path, run_id: runId })}`
  return {
    async listArtifacts(run_id, path, signal) {
      const files = await allPages<WireFile>(
        (page_token) => http.get('artifacts/list', { run_id, path: path || undefined, ...page_token }, signal),
        'files',
      )
      return files.map(toArtifact)
    },
    artifactUrl,
    readText: async (owner, path, maxBytes, signal) =>
      readStart(await http.open(artifactUrl(owner, path), signal), maxBytes),
  }
}

type ModelMethod =
  | 'searchModels'
  | 'model'
  | 'modelVersions'
  | 'versionsOfRun'
  | 'auditTrail'
  | 'setAlias'
  | 'deleteAlias'
  | 'setModelTag'
  | 'deleteModelTag'
  | 'setVersionTag'
  | 'deleteVersionTag'

function modelMethods(http: Http, own: Http): Methods<ModelMethod> {
  const versions = async (filter: string, signal: AbortSignal) => {
    const wires = await allPages<WireModelVersion>(
      (page_token) => http.get('model-versions/search', { filter, max_results: 1000, ...page_token }, signal),
      'model_versions',
    )
    return wires.map(toVersion).sort((a, b) => a.name.localeCompare(b.name) || Number(b.version) - Number(a.version))
  }
  const send = async (method: 'POST' | 'DELETE', path: string, body: object): Promise<void> => {
    await http.send(method, path, body)
  }
  return {
    async searchModels(signal) {
      const wires = await allPages<WireRegisteredModel>(
        (page_token) => http.get('registered-models/search', { max_results: 1000, ...page_token }, signal),
        'registered_models',
      )
      return wires.map(toModel)
    },
    async model(name, signal) {
      const answer = await http.get<{ registered_model: WireRegisteredModel }>(
        'registered-models/get',
        { name },
        signal,
      )
      return toModel(answer.registered_model)
    },
    modelVersions: (name, signal) => versions(`name = ${quoted(name)}`, signal),
    versionsOfRun: (runId, signal) => versions(`run_id = ${quoted(runId)}`, signal),
    async auditTrail(name, signal) {
      const answer = await unlessMissing(own.get<WireAudit>('registered-models/audit', { name }, signal))
      return { entries: answer?.entries.map(toAuditEntry) }
    },
    setAlias: (name, alias, version) => send('POST', 'registered-models/alias', { name, alias, version }),
    deleteAlias: (name, alias) => send('DELETE', 'registered-models/alias', { name, alias }),
    setModelTag: (name, key, value) => send('POST', 'registered-models/set-tag', { name, key, value }),
    deleteModelTag: (name, key) => send('DELETE', 'registered-models/delete-tag', { name, key }),
    setVersionTag: (name, version, key, value) => send('POST', 'model-versions/set-tag', { name, version, key, value }),
    deleteVersionTag: (name, version, key) => send('DELETE', 'model-versions/delete-tag', { name, version, key }),
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

type PageToken = { readonly page_token?: string }

/** The list `field` of every page, one page after the other. */
async function allPages<T>(load: (token: PageToken) => Promise<WirePage>, field: string): Promise<T[]> {
  const items: T[] = []
  let token: PageToken = {}
  while (true) {
    const page = await load(token)
    items.push(...(((page as Record<string, unknown>)[field] as T[] | undefined) ?? []))
    if (!page.next_page_token) return items
    token = { page_token: page.next_page_token }
  }
}
