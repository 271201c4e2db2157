/** Servers that tracking suites and benches talk to: ours, and MLflow's own. */
import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const scripts = fileURLToPath(new URL('python', import.meta.url))

/** The last line that a script prints, as JSON; clients print lines of their own before. */
export async function runScript(python, script, args) {
  const child = spawn(python, [join(scripts, script), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [output, errors] = ['', '']
  child.stdout.on('data', (text) => (output += text))
  child.stderr.on('data', (text) => (errors += text))
  const [code] = await once(child, 'close')
  assert.equal(code, 0, `${script}: ${errors.slice(-3000)}`)
  return JSON.parse(output.trim().split('\n').at(-1))
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

const START_MS = 120_000

/** Waits until the server answers. Throws with what it wrote where it ends or does not come up. */
async function started(child, url) {
  let output = ''
  child.stdout.on('data', (text) => (output += text))
  child.stderr.on('data', (text) => (output += text))
  const deadline = Date.now() + START_MS
  while (Date.now() < deadline && child.exitCode === null) {
    const answer = await fetch(`${url}/health`).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`no server at ${url}: ${output.slice(-2000)}`)
}

async function run(command, args, url, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  // MLflow's server has children of its own, in one group.
  const send = (signal) => (options.detached ? process.kill(-child.pid, signal) : child.kill(signal))
  const isRunning = () => child.exitCode === null && child.signalCode === null
  process.once('exit', () => isRunning() && send('SIGKILL'))
  await started(child, url)
  // A suite that fails before it stops its servers ends all the same.
  for (const handle of [child, child.stdout, child.stderr]) handle.unref()
  const stop = async (signal = 'SIGTERM') => {
    if (!isRunning()) return
    child.ref()
    send(signal)
    await once(child, 'exit')
  }
  return { url, stop }
}

/** `fivefold up` over a store; on the given port or a free one. */
export async function startFivefold(main, store, { port, artifacts } = {}) {
  const bound = port ?? (await freePort())
  const place = artifacts ? ['--artifacts', artifacts] : []
  const args = [main, 'up', '--port', String(bound), '--store', store, ...place]
  return { port: bound, ...(await run(process.execPath, args, `http://127.0.0.1:${bound}`)) }
}

/** `mlflow server` over an SQLite file in the folder, or the database of the URL; with so many workers, MLflow's own number if 0. */
export async function startMlflow(
  python,
  folder,
  database = `sqlite:///${join(folder, 'mlflow.db')}`,
  { workers = 1 } = {},
) {
  const port = await freePort()
  const args = ['server', '--backend-store-uri', database, '--artifacts-destination', join(folder, 'artifacts')]
  const url = `http://127.0.0.1:${port}`
  const processes = workers > 0 ? ['--workers', String(workers)] : []
  const serving = [...args, '--host', '127.0.0.1', '--port', String(port), ...processes]
  return run(join(dirname(python), 'mlflow'), serving, url, { detached: true })
}
