/**
 * Serving: one ONNX model behind Fivefold, FastAPI with ONNX Runtime, MLServer and BentoML, asked by wrk over loopback, one
 * process and one core each. A table in Markdown on stdout, the progress on stderr. Needs `npm run build` before, wrk
 * (`apt-get install wrk`), and Python 3 for the peers; a peer that cannot be installed is left out with its reason.
 *
 *   npm run bench:serving
 *     [--seconds 5]                  how long each case is measured
 *     [--connections 1,16,64,256]
 *     [--only Fivefold,FastAPI]      servers
 *     [--json]                       one JSON document instead of the table
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createSession, floats } from 'fivefold/onnx'
import { machine } from '../boosting/machine.mjs'
import { progress } from '../boosting/terminal.mjs'
import { ROW, writeMlp } from './model.mjs'
import { SERVERS, startServer } from './servers.mjs'
import { measure } from './wrk.mjs'

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '1,16,64,256' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
if (spawnSync('wrk', ['-v']).error) throw new Error('wrk is not there: apt-get install wrk')

const folder = mkdtempSync(join(tmpdir(), 'fivefold-bench-'))
const model = join(folder, 'mlp.onnx')
let running
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => void Promise.resolve(running?.stop()).finally(() => process.exit(1)))
try {
  writeMlp(model)
  const about = { bench: 'serving', machine: machine(), bareCallUs: await bareCall() }
  const servers = SERVERS.filter(({ name }) => !flags.only || flags.only.split(',').includes(name))
  const results = []
  for (const [i, server] of servers.entries()) results.push(await benchServer(server, 18_500 + 10 * i))
  if (flags.json) console.log(JSON.stringify({ ...about, results }, null, 2))
  else console.log(toMarkdown(about, results))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function benchServer(server, port) {
  progress(`${server.name} starts`)
  running = await startServer(server, port, model)
  const { reason, startMs, memoryBytes, stop } = running
  if (reason) return { server: server.name, reason }
  try {
    const cases = []
    for (const [encoding, request] of Object.entries(server.requests)) {
      await measure(running.url, request, { connections: 64, seconds: 2, folder })
      for (const connections of flags.connections.split(',').map(Number)) {
        progress(`${server.name}, ${encoding}, ${connections} connections`)
        cases.push({ encoding, connections, ...(await measureCase(running, request, connections)) })
      }
    }
    return { server: server.name, startMs, memoryBytes: memoryBytes(), cases }
  } finally {
    await stop()
    running = undefined
  }
}

async function measureCase({ url, cpuSeconds }, request, connections) {
  const before = cpuSeconds()
  const { requests, ...measured } = await measure(url, request, { connections, seconds: Number(flags.seconds), folder })
  return { ...measured, cpuUs: (1e6 * (cpuSeconds() - before)) / requests }
}

/** Microseconds of a run of one row without any server: what no server can go below. */
async function bareCall() {
  const session = await createSession(model)
  const feeds = { features: floats(ROW, [1, ROW.length]) }
  const times = []
  for (let i = 0; i < 3000; i++) {
    const startMs = performance.now()
    await session.run(feeds)
    times.push(performance.now() - startMs)
  }
  await session.close()
  return 1000 * times.sort((a, b) => a - b)[times.length / 2]
}

function toMarkdown({ machine: { cpu, cores, node, load }, bareCallUs }, results) {
  const lines = [
    `${cpu}, ${cores} cores, Node ${node}, load ${load.toFixed(1)}; a run of one row without a server: ${bareCallUs.toFixed(0)} µs (median)`,
    '',
    '| server | encoding | connections | requests/s | CPU µs a request | p50 ms | p99 ms | failed | start s | memory MiB |',
    '|---|---|--:|--:|--:|--:|--:|--:|--:|--:|',
  ]
  for (const { server, reason, cases = [], startMs, memoryBytes } of results) {
    if (reason) lines.push(`| ${server} | not measured: ${reason} | | | | | | | | |`)
    for (const { encoding, connections, perSecond, cpuUs, p50Ms, p99Ms, failed } of cases)
      lines.push(
        `| ${server} | ${encoding} | ${connections} | ${perSecond.toFixed(0)} | ${cpuUs.toFixed(0)} | ${p50Ms.toFixed(2)} | ${p99Ms.toFixed(2)} | ${failed} | ${(startMs / 1000).toFixed(1)} | ${(memoryBytes / 2 ** 20).toFixed(0)} |`,
      )
  }
  return lines.join('\n')
}
