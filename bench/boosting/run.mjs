// Training time of our boosting beside XGBoost `hist`, in one run, interleaved. Prints JSON.
//   npm run build && node bench/boosting/run.mjs [--rows 500000] [--features 28] [--rounds 100] [--threads 1]
//     [--repeats 3] [--growth depth|leaf] [--validate 100000]
// XGBoost runs in a virtual environment that is made once in the folder FIVEFOLD_BENCH_VENV (default: in the system's
// temporary folder). Without Python, only ours is measured.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createContext, createRng } from '../../packages/fivefold/dist/core/index.js'
import { predictBoosting, trainBoosting } from '../../packages/fivefold/dist/engines/boosting/index.js'

const PEER_PACKAGES = ['numpy==2.4.6', 'xgboost==3.2.0']
const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string', default: '500000' },
    features: { type: 'string', default: '28' },
    rounds: { type: 'string', default: '100' },
    threads: { type: 'string', default: '1' },
    repeats: { type: 'string', default: '3' },
    growth: { type: 'string', default: 'depth' },
    validate: { type: 'string', default: '100000' },
  },
})
const setting = {
  rows: Number(flags.rows),
  features: Number(flags.features),
  rounds: Number(flags.rounds),
  threads: Number(flags.threads),
  growth: flags.growth,
}
const train = makeTable(setting.rows, setting.features, 'train')
const test = makeTable(Number(flags.validate), setting.features, 'test')
const peer = await startPeer()
const runs = []
try {
  for (let repeat = 0; repeat < Number(flags.repeats); repeat++) runs.push(await measureBoth(repeat))
} finally {
  await peer?.stop()
}
console.log(JSON.stringify(report(), null, 2))

/** A smooth signal with interactions, irrelevant columns and noise; one value in fifty is missing. */
function makeTable(rowCount, featureCount, stream) {
  const rng = createRng(7).fork(stream)
  const values = Array.from({ length: featureCount }, () => new Float32Array(new SharedArrayBuffer(rowCount * 4)))
  const codes = new Int32Array(rowCount)
  for (let row = 0; row < rowCount; row++) {
    for (const column of values) column[row] = rng.normal()
    const [a, b, c, d, e] = values.map((column) => column[row])
    codes[row] = 1.2 * a + Math.sin(2 * b) + c * d - 0.5 * e * e + rng.normal() > 0 ? 1 : 0
    for (const column of values) if (rng.next() < 0.02) column[row] = Number.NaN
  }
  return { features: { rowCount, names: values.map((_, i) => `f${i}`), values }, codes }
}

async function measureBoth(repeat) {
  const ours = () => measureOurs()
  const theirs = async () => (peer === undefined ? undefined : await peer.measure())
  // Alternating who goes first cancels what drifts: temperature, other load.
  if (repeat % 2 === 0) return { ours: await ours(), theirs: await theirs() }
  const first = await theirs()
  return { ours: await ours(), theirs: first }
}

async function measureOurs() {
  const params = { rounds: setting.rounds, learningRate: 0.1, l2: 1, minLeafRows: 1, minLeafWeight: 1 }
  const shape = setting.growth === 'depth' ? { growth: 'depth', maxDepth: 6 } : { growth: 'leaf', maxLeaves: 31 }
  const target = { kind: 'classes', classes: ['0', '1'], codes: train.codes }
  const context = createContext({ threads: setting.threads })
  const begin = performance.now()
  const model = await trainBoosting({ features: train.features, target }, { ...params, ...shape }, context)
  const trained = performance.now()
  const { probabilities } = predictBoosting(model, test.features)
  const predicted = performance.now()
  let loss = 0
  for (const [row, code] of test.codes.entries()) loss -= Math.log(probabilities[row * 2 + code]) / test.codes.length
  return { trainSeconds: (trained - begin) / 1000, predictSeconds: (predicted - trained) / 1000, logLoss: loss }
}

/** Hands the tables over as files, then answers each `measure` with one training. */
async function startPeer() {
  const python = findPython()
  if (python === undefined) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'fivefold-bench-'))
  for (const [name, { features, codes }] of Object.entries({ train, test })) {
    await writeFile(
      join(folder, `${name}.x`),
      Buffer.concat(features.values.map((column) => Buffer.from(column.buffer))),
    )
    await writeFile(join(folder, `${name}.y`), new Uint8Array(codes.buffer))
  }
  const script = fileURLToPath(new URL('xgboost_peer.py', import.meta.url))
  const child = spawn(python, [script, folder, JSON.stringify(setting)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const read = async () => JSON.parse((await lines.next()).value)
  const { version } = await read()
  return {
    version,
    measure: async () => {
      child.stdin.write('train\n')
      return await read()
    },
    stop: async () => {
      child.stdin.end()
      await rm(folder, { recursive: true })
    },
  }
}

function findPython() {
  const folder = process.env.FIVEFOLD_BENCH_VENV ?? join(tmpdir(), 'fivefold-bench-venv')
  const python = join(folder, 'bin', 'python')
  try {
    if (!existsSync(python)) execFileSync('python3', ['-m', 'venv', folder], { stdio: 'ignore' })
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', ...PEER_PACKAGES], { stdio: 'ignore' })
    return python
  } catch (error) {
    console.error(`no XGBoost beside us: ${error.message.split('\n')[0]}`)
    return undefined
  }
}

function report() {
  const ratios = runs.flatMap(({ ours, theirs }) =>
    theirs === undefined ? [] : [ours.trainSeconds / theirs.trainSeconds],
  )
  return {
    bench: 'boosting',
    setting,
    machine: { cpu: cpus()[0].model, cores: cpus().length, load: loadavg()[0], node: process.version },
    peer: peer === undefined ? null : `xgboost ${peer.version}`,
    trainRatio: ratios.length === 0 ? null : median(ratios),
    predictRatio:
      ratios.length === 0 ? null : median(runs.map((run) => run.ours.predictSeconds / run.theirs.predictSeconds)),
    runs,
  }
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}
