/** The servers that are compared, each with a store that holds the same runs. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import pg from 'pg'
import { pythonEnvironment, suiteRequirements } from '../../interop/python-environment.mjs'
import { startFivefold, startMlflow } from '../../interop/tracking-servers.mjs'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const main = join(repository, 'packages/fivefold/dist/cli/main.js')

/** Starts them one after the other; where one fails, those before it are stopped. */
export async function startServers(folder, options) {
  const servers = []
  try {
    for (const start of starters(folder, options)) servers.push(await start())
  } catch (error) {
    for (const { stop } of servers) await stop()
    throw error
  }
  return servers
}

function starters(folder, { runs, postgres }) {
  const { python, reason } = pythonEnvironment(suiteRequirements('requirements-mlflow-3.txt'))
  if (reason) throw new Error(reason)
  const embedded = [
    () => ours('fivefold, SQLite', join(folder, 'store'), {}, runs),
    () => theirs('mlflow, SQLite', python, folder, `sqlite:///${join(folder, 'mlflow.db')}`, runs),
  ]
  if (postgres === undefined) return embedded
  const schema = `fivefold_bench_${process.pid}`
  const database = `mlflow_bench_${process.pid}`
  const address = new URL(postgres)
  address.pathname = `/${database}`
  const theirUrl = address.href.replace(/^postgres(ql)?:/, 'postgresql+psycopg2:')
  const place = { artifacts: join(folder, 'postgres-store') }
  return [
    ...embedded,
    withCleanUp(
      () => ours('fivefold, PostgreSQL', `${postgres}?schema=${schema}`, place, runs),
      () => administer(postgres, `drop schema if exists ${schema} cascade`),
    ),
    withCleanUp(
      async () => {
        await administer(postgres, `create database ${database}`)
        return theirs('mlflow, PostgreSQL', python, folder, theirUrl, runs)
      },
      () => administer(postgres, `drop database if exists ${database} with (force)`),
    ),
  ]
}

async function ours(name, store, place, runs) {
  const { openTrackingStore } = await import(
    pathToFileURL(join(repository, 'packages/fivefold/dist/track/index.js')).href
  )
  const location = store.startsWith('postgres') ? store : join(store, 'fivefold.db')
  const opened = await openTrackingStore(location, place)
  const experimentId = await opened.createExperiment({ name: 'bench' })
  const together = 200
  for (let start = 0; start < runs; start += together)
    await Promise.all(
      Array.from({ length: Math.min(together, runs - start) }, (_, i) => fill(opened, experimentId, start + i)),
    )
  await opened.close()
  return { name, experimentId, ...(await startFivefold(main, store, place)) }
}

async function fill(store, experimentId, i) {
  const startedMs = 1_000_000 + i
  const id = await store.createRun({ experimentId, name: `run ${i}`, user: 'bench', startedMs })
  await store.logBatch(id, {
    tags: { owner: `person ${i % 50}` },
    params: Object.fromEntries(Array.from({ length: 10 }, (_, k) => [`p${k}`, String((i * 7 + k) % 100)])),
    metrics: Array.from({ length: 5 }, (_, k) => ({ key: `m${k}`, value: Math.random(), step: 0, timestampMs: 1 })),
  })
  await store.finishRun(id, 'finished', 2_000_000 + i)
}

async function theirs(name, python, folder, database, runs) {
  const script = fileURLToPath(new URL('fill_mlflow.py', import.meta.url))
  const output = execFileSync(python, [script, database, String(runs)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return { name, experimentId: output.trim().split('\n').at(-1), ...(await startMlflow(python, folder, database)) }
}

/** Cleans up when the server stops, and where it does not start. */
function withCleanUp(start, cleanUp) {
  return async () => {
    try {
      const server = await start()
      const stop = async () => {
        await server.stop()
        await cleanUp()
      }
      return { ...server, stop }
    } catch (error) {
      await cleanUp()
      throw error
    }
  }
}

async function administer(url, statement) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(statement)
  await client.end()
}
