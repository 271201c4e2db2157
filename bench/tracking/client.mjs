/** The client of the bench: plain HTTP, the same calls to every server. */
export function createClient(url) {
  const post = async (path, body) => {
    const answer = await fetch(`${url}/api/2.0/mlflow/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const result = await answer.json()
    if (!answer.ok) throw new Error(`${path}: ${JSON.stringify(result)}`)
    return result
  }
  const newRun = async () => (await post('runs/create', { experiment_id: '0', start_time: Date.now() })).run.info.run_id
  return { post, newRun }
}

const BATCH = 1000

/** Points a second, when writers send full batches to runs of their own. */
export async function batchedPointsPerSecond({ post, newRun }, { points, writers }) {
  const each = Math.max(1, Math.round(points / writers / BATCH))
  return perSecond(writers, each * BATCH, newRun, async (run_id) => {
    for (let batch = 0; batch < each; batch++) {
      const metrics = Array.from({ length: BATCH }, (_, i) => ({
        key: `m${i % 10}`,
        value: Math.random(),
        timestamp: Date.now(),
        step: batch * (BATCH / 10) + Math.floor(i / 10),
      }))
      await post('runs/log-batch', { run_id, metrics })
    }
  })
}

/** Points a second, when each is a request of its own. */
export async function singlePointsPerSecond({ post, newRun }, { requests, writers }) {
  const each = Math.max(1, Math.round(requests / writers))
  return perSecond(writers, each, newRun, async (run_id) => {
    for (let step = 0; step < each; step++)
      await post('runs/log-metric', { run_id, key: 'm', value: Math.random(), timestamp: Date.now(), step })
  })
}

async function perSecond(writers, pointsOfEach, newRun, write) {
  const runs = []
  for (let writer = 0; writer < writers; writer++) runs.push(await newRun())
  const start = performance.now()
  await Promise.all(runs.map(write))
  return (writers * pointsOfEach) / ((performance.now() - start) / 1000)
}

export const SEARCHES = {
  'newest 100': { max_results: 100 },
  'newest 1000': { max_results: 1000 },
  'metric filter, sorted by metric': { filter: 'metrics.m0 > 0.9', order_by: ['metrics.m1 DESC'], max_results: 100 },
  'three conditions': {
    filter: "metrics.m0 > 0.5 and params.p3 = '42' and tags.owner != 'person 3'",
    max_results: 100,
  },
  'all sorted by parameter': { order_by: ['params.p1 DESC'], max_results: 100 },
  'text pattern': { filter: "tags.owner LIKE '%on 4%'", max_results: 100 },
}

/** Milliseconds until the whole answer is read, and how many runs it holds. */
export async function searchMs({ post }, experimentId, search) {
  const start = performance.now()
  const { runs } = await post('runs/search', { experiment_ids: [experimentId], ...search })
  return { ms: performance.now() - start, found: runs.length }
}
