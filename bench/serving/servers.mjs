/** The servers of the bench: how each is started, and what it is asked. */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pythonEnvironment } from '../../interop/python-environment.mjs'
import { ROW } from './model.mjs'
import { cpuBelow, memoryBelow } from './processes.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const json = (path, body) => ({ path, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
const rowBytes = Buffer.from(Float32Array.from(ROW).buffer)

const tensor = { name: 'features', shape: [1, ROW.length], datatype: 'FP32' }
const OIP_JSON = json('/v2/models/mlp/infer', { inputs: [{ ...tensor, data: ROW }] })
const binaryHead = JSON.stringify({
  inputs: [{ ...tensor, parameters: { binary_data_size: rowBytes.length } }],
  parameters: { binary_data_output: true },
})
const OIP_BINARY = {
  path: '/v2/models/mlp/infer',
  body: Buffer.concat([Buffer.from(binaryHead), rowBytes]),
  headers: {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': String(Buffer.byteLength(binaryHead)),
  },
}

/** Each with `command(port, model, python)` and its requests; peers name the packages that they need. */
export const SERVERS = [
  {
    name: 'Fivefold',
    command: (port, model) => [
      process.execPath,
      [here('../../packages/fivefold/dist/cli/main.js'), 'serve', '--model', model, '--port', port],
    ],
    requests: { json: OIP_JSON, binary: OIP_BINARY },
  },
  {
    name: 'FastAPI',
    requirements: 'requirements-fastapi.txt',
    command: (port, _model, python) => [
      python,
      ['-m', 'uvicorn', 'fastapi_app:app', '--port', port, '--no-access-log', '--log-level', 'warning'],
    ],
    folder: here('peers'),
    requests: {
      json: json('/predict', { rows: [ROW] }),
      binary: { path: '/predict-binary', body: rowBytes, headers: { 'content-type': 'application/octet-stream' } },
    },
  },
  {
    name: 'MLServer',
    requirements: 'requirements-mlserver.txt',
    command: (_port, _model, python) => [join(dirname(python), 'mlserver'), ['start', '.']],
    environment: (port) => ({
      MLSERVER_HTTP_PORT: port,
      MLSERVER_GRPC_PORT: String(Number(port) + 1),
      MLSERVER_METRICS_PORT: String(Number(port) + 2),
      MLSERVER_DEBUG: 'false',
      MLSERVER_PARALLEL_WORKERS: '0',
    }),
    folder: here('peers/mlserver'),
    requests: { json: OIP_JSON },
  },
  {
    name: 'BentoML',
    requirements: 'requirements-bentoml.txt',
    command: (port, _model, python) => [
      join(dirname(python), 'bentoml'),
      ['serve', 'bentoml_service:Mlp', '--port', port],
    ],
    environment: () => ({ BENTOML_DO_NOT_TRACK: 'True' }),
    folder: here('peers'),
    requests: { json: json('/predict', { rows: [ROW] }) },
  },
]

/**
 * Starts a server and waits for its first answer.
 *
 * @returns `{ url, startMs, memoryBytes(), cpuSeconds(), stop() }`, or `{ reason }` why it is not there
 */
export async function startServer(server, port, model) {
  const { python, reason } = server.requirements ? pythonEnvironment(new URL(server.requirements, import.meta.url)) : {}
  if (reason) return { reason }
  const [command, args] = server.command(String(port), model, python)
  const environment = {
    ...process.env,
    MODEL: model,
    PYTHONDONTWRITEBYTECODE: '1',
    ...server.environment?.(String(port)),
  }
  const startedMs = performance.now()
  const child = spawn(command, args, {
    cwd: server.folder,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  let [said, ended] = ['', false]
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-2000)
  })
  const exited = new Promise((resolve) => child.once('exit', resolve)).then(() => {
    ended = true
  })
  const url = `http://127.0.0.1:${port}`
  const stop = async () => {
    // Its own group: some servers start others.
    if (!ended) process.kill(-child.pid, 'SIGTERM')
    const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), 10_000)
    await exited
    clearTimeout(timer)
  }
  while (!(await answers(url, server.requests.json))) {
    if (ended) return { reason: `it ended: ${said.trim().split('\n').at(-1)}` }
    if (performance.now() - startedMs > 60_000) {
      await stop()
      return { reason: 'no answer within a minute' }
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const startMs = performance.now() - startedMs
  return { url, startMs, memoryBytes: () => memoryBelow(child.pid), cpuSeconds: () => cpuBelow(child.pid), stop }
}

const answers = (url, { path, body, headers }) =>
  fetch(`${url}${path}`, { method: 'POST', body, headers }).then(
    async (reply) => reply.ok && (await reply.arrayBuffer()).byteLength > 0,
    () => false,
  )
