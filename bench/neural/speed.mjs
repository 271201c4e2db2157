import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from '../boosting/statistics.mjs'
import { progress, showTable } from '../boosting/terminal.mjs'
import { ARCHITECTURES } from './architectures.mjs'
import { availableLibraries, startLearner, writeCase } from './learners.mjs'

const WARM_UP_STEPS = 5
/** Each turn of a library lasts about this long. */
const TURN_MS = 600
/** Beyond rounding in other orders, the networks are not the same. */
const LARGEST_DIFFERENCE = 1e-3

/** Time of a training step and of inference, of each case and number of threads, the libraries in turns. */
export async function measureSpeed(options) {
  const libraries = availableLibraries()
  const folder = mkdtempSync(join(tmpdir(), 'fivefold-bench-'))
  const results = []
  const versions = {}
  try {
    for (const name of options.cases) {
      const { parameters } = writeCase(name, folder)
      for (const threads of options.threads) {
        const learners = new Map()
        for (const library of libraries) {
          const learner = await startLearner(library, { name, threads, folder })
          learners.set(library, learner)
          versions[library] = learner.version
        }
        const differences = await compareLibraries(name, learners)
        for (const kind of options.kinds) {
          const turns = await takeTurns(learners, kind, options.repeats)
          const { about } = ARCHITECTURES[name]
          results.push({ case: name, about, parameters, kind, threads, ...summarise(turns), differences })
          progress(`${name}, ${kind}, ${threads} threads: ${JSON.stringify(results.at(-1).ms)}`)
        }
        for (const learner of learners.values()) learner.stop()
      }
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  showTable(results.map(tableRow))
  return { measured: 'milliseconds a step', repeats: options.repeats, versions, results }
}

/** Throws where outputs, loss or gradients differ: then it would not be the same work that is timed. */
async function compareLibraries(name, learners) {
  const peer = learners.get('torch')
  if (peer === undefined) return null
  const { path } = await learners.get('ours').ask({ kind: 'compare' })
  const differences = await peer.ask({ kind: 'compare', path })
  const largest = Math.max(differences.outputs, differences.loss, differences.gradients)
  if (!(largest < LARGEST_DIFFERENCE)) throw new Error(`${name} differs from PyTorch: ${JSON.stringify(differences)}`)
  return differences
}

async function takeTurns(learners, kind, repeats) {
  const turns = Object.fromEntries(Array.from(learners.keys(), (library) => [library, []]))
  const steps = new Map()
  for (const [library, learner] of learners) {
    await learner.ask({ kind, steps: WARM_UP_STEPS })
    const { ms } = await learner.ask({ kind, steps: WARM_UP_STEPS })
    steps.set(library, Math.max(WARM_UP_STEPS, Math.ceil(TURN_MS / ms)))
  }
  for (let repeat = 0; repeat < repeats; repeat++)
    for (const [library, learner] of learners)
      turns[library].push(await learner.ask({ kind, steps: steps.get(library) }))
  return turns
}

/**
 * Medians over turns; ratios are medians over pairs of turns that followed each other. Beside the time on the clock stands that of
 * all processors, our main thread's included, which says more where other work goes on.
 */
function summarise(turns) {
  const medians = (clock) =>
    Object.fromEntries(
      Object.entries(turns).map(([library, list]) => [library, median(list.map((turn) => turn[clock]))]),
    )
  const ratio = (clock) =>
    turns.torch === undefined ? null : median(turns.ours.map((ours, i) => ours[clock] / turns.torch[i][clock]))
  return {
    ms: medians('ms'),
    ratio: ratio('ms'),
    cpuMs: medians('cpuMs'),
    cpuRatio: ratio('cpuMs'),
    turns,
    load: loadavg()[0],
  }
}

function tableRow({ case: name, kind, threads, ms, ratio, cpuRatio, differences }) {
  return {
    case: name,
    kind,
    threads,
    'ours, ms': ms.ours.toFixed(2),
    'PyTorch, ms': ms.torch?.toFixed(2) ?? '',
    ratio: ratio?.toFixed(2) ?? '',
    'of CPU time': cpuRatio?.toFixed(2) ?? '',
    'gradients differ by': differences?.gradients.toExponential(1) ?? '',
  }
}
