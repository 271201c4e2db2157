/** The rounds: every server in turn, each measure once a round. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { progress } from '../boosting/terminal.mjs'
import { createClient } from './client.mjs'
import { openPainter } from './first-paint.mjs'
import { batchedPointsPerSecond, SEARCHES, search, singlePointsPerSecond } from './measures.mjs'
import { startNullServer } from './null-server.mjs'

export const RATES = {
  'batches of 1000, 1 writer': (client, { seconds }) => batchedPointsPerSecond(client, { writers: 1, seconds }),
  'batches of 1000, 8 writers': (client, { seconds }) => batchedPointsPerSecond(client, { writers: 8, seconds }),
  'one by one, 1 writer': (client, { seconds }) => singlePointsPerSecond(client, { writers: 1, seconds }),
  'one by one, 8 writers': (client, { seconds }) => singlePointsPerSecond(client, { writers: 8, seconds }),
}

export const PYTHON_RATE = "one by one, MLflow's Python client"

/** `{ rates, searches, paint }` of a server: lists of what each round found, by title. */
const emptyResult = () => ({ rates: {}, searches: {}, paint: [] })

/** Results by the name of the server, and of the client alone as `null`. Ends early rather than late: see options.minutes. */
export async function runRounds(servers, python, options, beganMs) {
  const results = Object.fromEntries(['null', ...servers.map(({ name }) => name)].map((name) => [name, emptyResult()]))
  const painter = await openPainter()
  if (painter.reason) progress(`first paint SKIPPED: ${painter.reason}`)
  let rounds = 0
  try {
    for (let longestMs = 0; rounds < options.rounds && isTimeFor(longestMs, options, beganMs); rounds++) {
      const start = performance.now()
      progress(`round ${rounds + 1} of ${options.rounds}`)
      await measureNull(results.null, python, options, rounds)
      for (const server of servers) await measureServer(results[server.name], server, painter, python, options, rounds)
      compareAnswers(servers, results)
      longestMs = Math.max(longestMs, performance.now() - start)
    }
  } finally {
    await painter.close?.()
  }
  return { rounds, results }
}

const isTimeFor = (roundMs, { minutes }, beganMs) => performance.now() - beganMs + roundMs < minutes * 60_000

async function measureNull(result, python, options, round) {
  const { url, stop } = await startNullServer()
  const client = createClient(url)
  await measureRates(result, client, options)
  if (round === 0) result.rates[PYTHON_RATE] = [await pythonRate(python, url, options, '0'.repeat(32))]
  client.close()
  stop()
}

async function measureServer(result, { name, kind, url, experimentId }, painter, python, options, round) {
  const client = createClient(url)
  progress(`  ${name}: writing`)
  await measureRates(result, client, options)
  if (round === 0) result.rates[PYTHON_RATE] = [await pythonRate(python, url, options, '')]
  progress(`  ${name}: searching`)
  await measureSearches(result, client, experimentId)
  client.close()
  if (!painter.paint) return
  progress(`  ${name}: painting`)
  result.paint.push(await painter.paint({ kind, url, experimentId }, options.runs))
}

/** One that takes this long is not repeated: it would take most of the time of the bench. */
const SLOW_MS = 5000

async function measureSearches(result, client, experimentId) {
  for (const [title, query] of Object.entries(SEARCHES)) {
    const before = result.searches[title]
    if (before?.ms.some((ms) => ms > SLOW_MS)) continue
    const { ms, names } = await search(client, experimentId, query)
    result.searches[title] = { ms: [...(before?.ms ?? []), ms], names }
  }
}

async function measureRates(result, client, options) {
  for (const [title, measure] of Object.entries(RATES)) {
    result.rates[title] ??= []
    result.rates[title].push(await measure(client, options))
  }
}

async function pythonRate(python, url, { seconds }, run) {
  const script = fileURLToPath(new URL('python_client.py', import.meta.url))
  const { stdout } = await promisify(execFile)(python, [script, url, String(seconds), run])
  return Number(stdout.trim().split('\n').at(-1))
}

/** Times of different answers say nothing. */
function compareAnswers(servers, results) {
  for (const title of Object.keys(SEARCHES)) {
    const answers = servers.flatMap(({ name }) => results[name].searches[title].names?.join() ?? [])
    if (new Set(answers).size > 1) throw new Error(`'${title}': the servers find different runs`)
  }
}
