/**
 * Soak: `fivefold serve` under a steady load while its model is replaced every ten seconds and its processes are killed every twenty.
 * Ends with 1 where a request failed, an answer came from a version that was not live, a process did not come back, or memory
 * grows. Needs `npm run build` before, and Linux.
 *
 *   npm run soak:serving
 *     [--minutes 5]      all phases together
 *     [--seconds N]      instead of minutes
 *     [--workers 2]
 *     [--load 0.7]       part of the measured maximum
 *     [--rate N]         requests a second instead
 *     [--swap 10] [--kill 20]   seconds
 *     [--main PATH]      the command line to run
 *     [--json]           one JSON document instead of the table
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { machine } from '../boosting/machine.mjs'
import { progress } from '../boosting/terminal.mjs'
import { measureMaximum } from './soak/client.mjs'
import { runPhase, startServer } from './soak/phase.mjs'
import { writeVersion } from './soak/versions.mjs'

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seconds: { type: 'string' },
    workers: { type: 'string', default: '2' },
    load: { type: 'string', default: '0.7' },
    rate: { type: 'string' },
    swap: { type: 'string', default: '10' },
    kill: { type: 'string', default: '20' },
    main: {
      type: 'string',
      default: fileURLToPath(new URL('../../packages/fivefold/dist/cli/main.js', import.meta.url)),
    },
    json: { type: 'boolean', default: false },
  },
})
const seconds = flags.seconds === undefined ? 60 * Number(flags.minutes) : Number(flags.seconds)
const workers = Number(flags.workers)

/** Each with its share of the time and what `fivefold serve` is started with. */
const PHASES = [
  { name: 'swaps', share: 0.4, path: '/models/scaled/predict', args: ['--workers', flags.workers] },
  { name: 'swaps, kills', share: 0.4, path: '/models/scaled/predict', args: ['--workers', flags.workers], kills: true },
  // A deployment learns in one process.
  {
    name: 'swaps, shadow',
    share: 0.2,
    path: '/models/soak/predict',
    args: ['--deployment', 'soak.json'],
    isShadowed: true,
  },
]

const DEPLOYMENT = {
  name: 'soak',
  variants: { live: { model: 'scaled' }, candidate: { model: 'candidate' } },
  policy: { traffic: { kind: 'single', variant: 'live' }, shadows: [{ variant: 'candidate', share: 1 }] },
}

const folder = mkdtempSync(join(tmpdir(), 'fivefold-soak-'))
let server
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => void Promise.resolve(server?.stop()).finally(() => process.exit(1)))
try {
  const about = { soak: 'serving', machine: machine(), workers }
  const phases = []
  for (const phase of PHASES) phases.push(await soak(phase))
  if (flags.json) console.log(JSON.stringify({ ...about, phases }, null, 2))
  else console.log(toMarkdown(about, phases))
  process.exitCode = phases.some(({ problems }) => problems.length > 0) ? 1 : 0
} finally {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function soak({ name, share, path, args, kills, isShadowed }) {
  const models = join(folder, name.replaceAll(/\W+/g, '-'), 'models')
  writeVersion(models, 'scaled', 1)
  // Answers as version 1 does: the comparison sees answers that agree, and after the first swap answers that do not.
  if (isShadowed) writeVersion(models, 'candidate', 1)
  const deployment = join(models, '..', 'soak.json')
  writeFileSync(deployment, JSON.stringify(DEPLOYMENT))
  server = await startServer(flags.main, [
    ...['--models', models, '--allow-management'],
    ...args.map((arg) => (arg === 'soak.json' ? deployment : arg)),
  ])
  const perSecond =
    flags.rate === undefined ? Number(flags.load) * (await maximum(name, server.url + path)) : Number(flags.rate)
  const plan = {
    ...{
      name,
      path,
      perSecond: Math.round(perSecond),
      workers,
      swapSeconds: Number(flags.swap),
      seconds: share * seconds,
    },
    ...(kills ? { killSeconds: Number(flags.kill) } : {}),
  }
  const found = await runPhase(server, models, plan, progress)
  const shadow = isShadowed ? await shadowOf(server.url) : undefined
  const code = server.ended() ?? (await server.stop())
  server = undefined
  const problems = [
    ...found.problems,
    ...(shadow && shadow.answers === 0 ? ['no answer was compared to that of the shadow'] : []),
    ...(code === 0 ? [] : [`the server ended with ${code}`]),
  ]
  return { ...found, ...(shadow ? { shadow } : {}), problems }
}

async function maximum(name, url) {
  progress(`${name}: the maximum is measured`)
  await measureMaximum(url, { connections: 64, seconds: 2 })
  return await measureMaximum(url, { connections: 64, seconds: 5 })
}

/** What the server says of the shadow. */
async function shadowOf(url) {
  const { shadows } = await (await fetch(`${url}/deployments/soak`)).json()
  return shadows[0] ?? { answers: 0 }
}

function toMarkdown({ machine: { cpu, cores, node, load } }, phases) {
  const mib = (bytes) => (bytes / 2 ** 20).toFixed(0)
  const slope = ({ slope, low, high }) =>
    slope === undefined ? 'too short' : `${[slope, low, high].map((bytes) => (bytes / 2 ** 20).toFixed(1)).join(' / ')}`
  const lines = [
    `${cpu}, ${cores} cores, Node ${node}, load ${load.toFixed(1)} at the start, ${workers} workers; the client shares the machine`,
    '',
    '| phase | s | requests/s | answered | cut, asked again | failed | swaps | kills | started again after s | p50 ms | p99 ms | max ms | client late p99 ms | MiB start, end | MiB/min (95% interval) | verdict |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|',
  ]
  for (const one of phases) {
    const { memory, problems } = one
    const cells = [
      ...[
        one.phase,
        one.seconds.toFixed(0),
        one.perSecond,
        one.answered,
        `${one.cuts}, ${one.retried}`,
        one.failed,
        one.swaps,
        one.kills,
      ],
      ...[
        (one.restartMs / 1000).toFixed(1),
        one.p50Ms.toFixed(1),
        one.p99Ms.toFixed(1),
        one.maxMs.toFixed(0),
        one.clientLateP99Ms.toFixed(1),
      ],
      ...[
        `${mib(memory.startBytes)}, ${mib(memory.endBytes)}`,
        slope(memory),
        problems.length === 0 ? 'passed' : `FAILED: ${problems.join('; ')}`,
      ],
    ]
    lines.push(`| ${cells.join(' | ')} |`)
    if (one.shadow) lines.push('', `shadow: ${JSON.stringify(one.shadow)}`)
  }
  return lines.join('\n')
}
