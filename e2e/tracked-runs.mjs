/** Runs for the console to show, logged through the server's own API, or into its store where there are many. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { project } from './installed.mjs'

const adjectives = ['calm', 'brisk', 'amber', 'quiet', 'bold', 'lucid', 'rapid', 'spare']

/** Calls MLflow's REST API of the server at `base`. */
export function trackingApi(base) {
  const call = async (method, path, body) => {
    const response = await fetch(`${base}/api/2.0/${path}`, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    const answer = await response.json()
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`)
    return answer
  }
  return {
    get: (path) => call('GET', `mlflow/${path}`),
    post: (path, body) => call('POST', `mlflow/${path}`, body),
    async putArtifact(run, path, content) {
      const root = run.info.artifact_uri.replace(/^mlflow-artifacts:\/*/, '')
      const url = `${base}/api/2.0/mlflow-artifacts/artifacts/${root}/${path}`
      const response = await fetch(url, { method: 'PUT', body: content })
      if (!response.ok) throw new Error(`${url}: ${await response.text()}`)
    },
  }
}

/** Run number `i`: `rocAuc` grows with it, its other values repeat. */
export async function logRun(api, experimentId, i, { tags = {}, isRunning = false, name } = {}) {
  const startMs = Date.now() - i * 60_000
  const { run } = await api.post('runs/create', {
    experiment_id: experimentId,
    run_name: name ?? `${adjectives[i % 8]}-${i}`,
    start_time: startMs,
    tags: Object.entries({ team: ['risk', 'growth'][i % 2], ...tags }).map(([key, value]) => ({ key, value })),
  })
  const params = { estimator: ['boosting', 'linear', 'neural'][i % 3], depth: 4 + (i % 4) }
  await api.post('runs/log-batch', {
    run_id: run.info.run_id,
    params: Object.entries(params).map(([key, value]) => ({ key, value: String(value) })),
    metrics: [{ key: 'rocAuc', value: 0.8 + i / 100_000, timestamp: startMs, step: 0 }],
  })
  if (!isRunning)
    await api.post('runs/update', { run_id: run.info.run_id, status: 'FINISHED', end_time: startMs + 30_000 })
  return run
}

/** Points `from` to `to` of a falling loss. */
export function logCurve(api, run, from, to) {
  const metrics = Array.from({ length: to - from }, (_, i) => ({
    key: 'train/loss',
    value: 1 / (1 + from + i),
    step: from + i,
    timestamp: Number(run.info.start_time) + from + i,
  }))
  return api.post('runs/log-batch', { run_id: run.info.run_id, metrics })
}

/** Logs some runs, one after the other. */
export async function logRuns(api, experimentId, first, count) {
  for (let i = first; i < first + count; i++) await logRun(api, experimentId, i)
}

/** The installed package's own hold on the store of a server, and what tests do with it. */
export async function openStore(folder) {
  const load = (name) => import(pathToFileURL(join(project, `node_modules/fivefold/dist/${name}/index.js`)))
  const [{ openTrackingStore }, { exportRun }, { createContext }] = await Promise.all(
    ['track', 'server', 'core'].map(load),
  )
  return { store: await openTrackingStore(join(folder, 'fivefold.db')), exportRun, createContext }
}

/** Writes many runs into the store itself, beside the server. */
export async function storeRuns(folder, experiment, first, count) {
  const { store } = await openStore(folder)
  const timestampMs = Date.now()
  const storeRun = async (i) => {
    const id = await store.createRun({ experiment, name: `stored-${i}`, startedMs: timestampMs - i * 60_000 })
    await store.logBatch(id, {
      params: { estimator: 'boosting', depth: String(4 + (i % 4)) },
      metrics: [{ key: 'rocAuc', value: 0.8 + i / 100_000, step: 0, timestampMs }],
    })
    await store.finishRun(id, 'finished')
  }
  const AT_ONCE = 200
  for (let i = first; i < first + count; i += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, first + count - i) }, (_, k) => storeRun(i + k)))
  await store.close()
}
