/** The servers that are compared, each with a store that holds the same runs. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { postgresUrl, reasonWithoutPostgres } from '../../interop/postgres-server.mjs'
import { startFivefold, startMlflow } from '../../interop/tracking-servers.mjs'
import { progress } from '../boosting/terminal.mjs'
import { fillFivefold } from './filling.mjs'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const dist = join(repository, 'packages/fivefold/dist')

/** Fills and starts them one after the other; where one fails, those before it are stopped. */
export async function startServers(folder, python, options) {
  const servers = []
  try {
    for (const { kind, database, start } of await starters(folder, python, options)) {
      progress(`${kind} with ${database}: filling ${options.runs} runs`)
      servers.push({ kind, database, name: `${kind}, ${database}`, ...(await start()) })
    }
  } catch (error) {
    await stopServers(servers)
    throw error
  }
  return servers
}

export async function stopServers(servers) {
  for (const { name, stop } of servers) await stop().catch((error) => progress(`${name}: ${error.message}`))
}

async function starters(folder, python, { runs, postgres, withPostgres }) {
  const url = `sqlite:///${join(folder, 'mlflow.db')}`
  const embedded = [
    { kind: 'fivefold', database: 'SQLite', start: () => ours(join(folder, 'store'), {}, runs) },
    { kind: 'mlflow', database: 'SQLite', start: () => theirs(python, folder, url, runs) },
  ]
  const reason = !withPostgres ? '--no-postgres' : postgres === undefined ? await reasonWithoutPostgres() : undefined
  if (reason === undefined) return [...embedded, ...overPostgres(folder, python, postgres ?? postgresUrl, runs)]
  progress(`PostgreSQL SKIPPED: ${reason}`)
  return embedded
}

/** Ours in a schema, theirs in a database of its own, both dropped in the end. */
function overPostgres(folder, python, postgres, runs) {
  const schema = `fivefold_bench_${process.pid}`
  const database = `mlflow_bench_${process.pid}`
  const address = new URL(postgres)
  address.pathname = `/${database}`
  const theirUrl = address.href.replace(/^postgres(ql)?:/, 'postgresql+psycopg2:')
  const startOurs = async () => {
    const server = await ours(`${postgres}?schema=${schema}`, { artifacts: join(folder, 'artifacts') }, runs)
    return analysed(server, postgres)
  }
  const startTheirs = async () => {
    await administer(postgres, `create database ${database}`)
    return analysed(await theirs(python, folder, theirUrl, runs), address.href)
  }
  const dropOurs = () => administer(postgres, `drop schema if exists ${schema} cascade`)
  const dropTheirs = () => administer(postgres, `drop database if exists ${database} with (force)`)
  return [
    { kind: 'fivefold', database: 'PostgreSQL', start: withCleanUp(startOurs, dropOurs) },
    { kind: 'mlflow', database: 'PostgreSQL', start: withCleanUp(startTheirs, dropTheirs) },
  ]
}

/** The database would do so by itself within minutes; until then it plans by guesses. */
async function analysed(server, postgres) {
  await administer(postgres, 'analyze')
  return server
}

async function ours(store, place, runs) {
  const { openTrackingStore } = await import(pathToFileURL(join(dist, 'track/index.js')).href)
  const location = store.startsWith('postgres') ? store : join(store, 'fivefold.db')
  const opened = await openTrackingStore(location, place)
  const experimentId = await fillFivefold(opened, runs)
  await opened.close()
  return { experimentId, ...(await startFivefold(join(dist, 'cli/main.js'), store, place)) }
}

/** With as many workers as MLflow takes by itself. */
async function theirs(python, folder, database, runs) {
  const script = fileURLToPath(new URL('fill_mlflow.py', import.meta.url))
  const { stdout } = await promisify(execFile)(python, [script, database, String(runs)])
  const experimentId = stdout.trim().split('\n').at(-1)
  return { experimentId, ...(await startMlflow(python, folder, database, { workers: 0 })) }
}

/** Cleans up when the server stops, and where it does not start. */
function withCleanUp(start, cleanUp) {
  return async () => {
    try {
      const server = await start()
      const stop = () => server.stop().finally(cleanUp)
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
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
