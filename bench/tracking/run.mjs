/**
 * Tracking: Fivefold's server beside MLflow's own, over the same kind of store, with the same HTTP calls in turn. Prints one
 * JSON document. `npm run bench:tracking -- --runs 30000 --points 200000 --postgres postgres://...`; needs `npm run build`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { batchedPointsPerSecond, createClient, SEARCHES, searchMs, singlePointsPerSecond } from './client.mjs'
import { options } from './options.mjs'
import { startServers } from './servers.mjs'

// The servers end with us.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))
const folder = mkdtempSync(join(tmpdir(), 'fivefold-bench-'))
const load = loadavg()[0]
const servers = await startServers(folder, options)
const results = Object.fromEntries(servers.map(({ name }) => [name, { batched: [], single: [], search: {} }]))
try {
  for (let round = 0; round < options.rounds; round++)
    for (const { name, url, experimentId } of servers) {
      const client = createClient(url)
      results[name].batched.push(await batchedPointsPerSecond(client, options))
      results[name].single.push(await singlePointsPerSecond(client, options))
      for (const [title, search] of Object.entries(SEARCHES)) {
        const { ms, found } = await searchMs(client, experimentId, search)
        const kept = results[name].search[title] ?? { ms: [], found }
        results[name].search[title] = { found, ms: [...kept.ms, ms] }
      }
    }
} finally {
  for (const { stop } of servers) await stop()
  rmSync(folder, { recursive: true, force: true })
}
const summaries = Object.fromEntries(Object.entries(results).map(([name, result]) => [name, summaryOf(result)]))
console.log(
  JSON.stringify({ machine: { cpus: cpus().length, load }, options, summaries, ratios: ratiosOf(summaries) }, null, 2),
)

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return Number(sorted[Math.floor(sorted.length / 2)].toPrecision(4))
}

function summaryOf({ batched, single, search }) {
  const searches = Object.entries(search).map(([title, { ms, found }]) => [title, { ms: median(ms), found }])
  return {
    batchedPointsPerSecond: median(batched),
    singlePointsPerSecond: median(single),
    search: Object.fromEntries(searches),
  }
}

/** How many times as fast as MLflow over the same database. */
function ratiosOf(all) {
  const pairs = Object.keys(all)
    .filter((name) => name.startsWith('fivefold'))
    .map((name) => [name.replace('fivefold, ', ''), all[name], all[name.replace('fivefold', 'mlflow')]])
  const rounded = (value) => Number(value.toPrecision(3))
  return Object.fromEntries(
    pairs.map(([database, own, other]) => [
      database,
      {
        batched: rounded(own.batchedPointsPerSecond / other.batchedPointsPerSecond),
        single: rounded(own.singlePointsPerSecond / other.singlePointsPerSecond),
        search: Object.fromEntries(
          Object.entries(own.search).map(([title, { ms }]) => [title, rounded(other.search[title].ms / ms)]),
        ),
      },
    ]),
  )
}
