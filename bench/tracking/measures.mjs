/** What is measured of a server, by a client of client.mjs. */

const BATCH = 1000
const KEYS = 10

/** Points a second where each request carries 1000 points of ten metrics. */
export function batchedPointsPerSecond(client, { writers, seconds }) {
  return perSecond(client, { writers, seconds }, async (run_id, round) => {
    const timestamp = Date.now()
    const metrics = Array.from({ length: BATCH }, (_, i) => ({
      key: `m${i % KEYS}`,
      value: Math.random(),
      timestamp,
      step: (round * BATCH) / KEYS + Math.floor(i / KEYS),
    }))
    await client.post('runs/log-batch', { run_id, metrics })
    return BATCH
  })
}

/** Points a second where each is a request of its own. */
export function singlePointsPerSecond(client, { writers, seconds }) {
  return perSecond(client, { writers, seconds }, async (run_id, step) => {
    await client.post('runs/log-metric', { run_id, key: 'm', value: Math.random(), timestamp: Date.now(), step })
    return 1
  })
}

/** Writers write to runs of their own until the time is over; what they began then is waited for and counts. */
async function perSecond(client, { writers, seconds }, write) {
  const runs = await Promise.all(Array.from({ length: writers }, client.newRun))
  for (const run of runs) await write(run, 0)
  const start = performance.now()
  const elapsed = () => (performance.now() - start) / 1000
  const points = await Promise.all(
    runs.map(async (run) => {
      let written = 0
      for (let round = 1; elapsed() < seconds; round++) written += await write(run, round)
      return written
    }),
  )
  return points.reduce((sum, one) => sum + one, 0) / elapsed()
}

export const SEARCHES = {
  'newest 100': { max_results: 100 },
  'newest 1000': { max_results: 1000 },
  'by metric, sorted by metric': { filter: 'metrics.m0 > 0.9', order_by: ['metrics.m1 DESC'], max_results: 100 },
  'by metric, parameter and tag': {
    filter: "metrics.m0 > 0.5 and params.p3 = '42' and tags.owner != 'person 3'",
    max_results: 100,
  },
  'by parameter': { filter: "params.p7 = '13'", max_results: 100 },
  'by pattern of a tag': { filter: "tags.owner LIKE '%on 4%'", max_results: 100 },
  'by metric, ten pages of 100': { filter: 'metrics.m2 < 0.5', max_results: 100, pages: 10 },
  // The last one, since MLflow over SQLite is at it for a while.
  'all, sorted by parameter': { order_by: ['params.p1 DESC'], max_results: 100 },
}

/** Milliseconds until every page is read, and the names of the runs on them; undefined where a page takes too long. */
export async function search(client, experimentId, { pages = 1, ...query }) {
  const start = performance.now()
  const names = []
  let page_token
  for (let page = 0; page < pages; page++) {
    const answer = await client
      .post('runs/search', { experiment_ids: [experimentId], ...query, page_token })
      .catch((error) => {
        if (error.name !== 'AbortError') throw error
      })
    if (!answer) return { ms: performance.now() - start, names: undefined }
    names.push(...answer.runs.map(({ info }) => info.run_name))
    page_token = answer.next_page_token
    if (page_token === undefined) break
  }
  return { ms: performance.now() - start, names }
}
