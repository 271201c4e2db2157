/**
 * Simulates what docs/rollout.md states: how often harmless canaries are rolled back, how often experiments without a difference
 * are decided, and within how many requests harm is caught. Prints JSON. `node bench/rollout/guarantees.mjs [runs]`, after a build.
 */
import { createRng } from '../../packages/fivefold/dist/core/index.js'
import {
  addValue,
  compareMeansSequentially,
  excessEvidence,
  NO_MOMENTS,
  sampleRatioPValue,
} from '../../packages/fivefold/dist/metrics/index.js'
import { createCanary, parseTrafficPolicy, planCanary } from '../../packages/fivefold/dist/operate/index.js'

const runs = Number(process.argv[2] ?? 200)
const policy = parseTrafficPolicy({
  traffic: {
    ...{ kind: 'canary', stable: 'one', canary: 'two', maxFalseRollbackRate: 0.05 },
    stages: [
      { share: 0.01, requests: 500 },
      { share: 0.05, requests: 1000 },
      { share: 0.25, requests: 2500 },
    ],
    outcomes: [{ kind: 'event', name: 'wrong', goal: 'decrease' }],
  },
}).traffic

/** One in 500 requests fails and one in ten answers is wrong; latencies are log-normal, all of it moving with the time of day. */
const HEALTHY = { errorRate: 0.002, wrongRate: 0.1, slowness: 1 }

function rollOut(world, seed) {
  const canary = createCanary(policy)
  const rng = createRng(seed, 'guarantees')
  for (let request = 0; ; request++) {
    const group = rng.next() < 0.5 ? 'canary' : 'control'
    const { errorRate, wrongRate, slowness } = group === 'canary' ? world : HEALTHY
    const hour = 1 + 0.5 * Math.sin(request / 400)
    const base = { group, timeMs: request }
    const latencyMs = 5 * slowness * hour * Math.exp(0.4 * rng.normal())
    const decisions = [
      canary.record({ ...base, kind: 'answer', ok: rng.next() >= errorRate * hour, latencyMs }),
      canary.record({ ...base, kind: 'outcome', name: 'wrong', value: rng.next() < wrongRate * hour ? 1 : 0 }),
    ]
    const last = decisions.find(({ action }) => action === 'promote' || action === 'rollBack')
    if (last) return { action: last.action, requests: canary.report().answers.canary }
  }
}

function rollOuts(changes) {
  const outcomes = Array.from({ length: runs }, (_, seed) => rollOut({ ...HEALTHY, ...changes }, seed))
  const rolledBack = outcomes.filter(({ action }) => action === 'rollBack')
  const requests = rolledBack.map((outcome) => outcome.requests).sort((a, b) => a - b)
  const quantile = (share) => requests[Math.ceil(share * requests.length) - 1] ?? null
  return { rolledBack: rolledBack.length / runs, medianRequests: quantile(0.5), p90Requests: quantile(0.9) }
}

const everDecided = (steps, makeLook) => {
  let decided = 0
  for (let seed = 0; seed < runs; seed++) {
    const look = makeLook(createRng(seed, 'looks'))
    for (let step = 0; step < steps; step++)
      if (look()) {
        decided++
        break
      }
  }
  return decided / runs
}

const falsePositives = {
  meansOver5000: everDecided(5000, (rng) => {
    let [control, treatment] = [NO_MOMENTS, NO_MOMENTS]
    return () => {
      control = addValue(control, rng.normal())
      treatment = addValue(treatment, rng.normal())
      return compareMeansSequentially(control, treatment).pValue < 0.05
    }
  }),
  eventsOver1000: everDecided(1000, (rng) => {
    const counts = { control: 0, treatment: 0 }
    return () => {
      const group = rng.next() < 0.5 ? 'control' : 'treatment'
      counts[group]++
      return group === 'treatment' && excessEvidence(counts) >= Math.log(20)
    }
  }),
  sampleRatioOver5000: everDecided(5000, (rng) => {
    const counts = [0, 0]
    return () => {
      counts[rng.next() < 0.5 ? 0 : 1]++
      return sampleRatioPValue(counts, [1, 1]) < 0.05
    }
  }),
}
const plan = planCanary(policy, {
  errors: { controlRate: 0.002, canaryRate: 0.03 },
  slowRate: 0.139,
  outcomes: { wrong: { controlRate: 0.1, canaryRate: 0.2 } },
})
console.log(
  JSON.stringify(
    {
      runs,
      falsePositives,
      canaries: {
        harmless: rollOuts({}),
        tenPercentSlower: rollOuts({ slowness: 1.1 }),
        errors: rollOuts({ errorRate: 0.03 }),
        slower: rollOuts({ slowness: 1.5 }),
        wrong: rollOuts({ wrongRate: 0.2 }),
        broken: rollOuts({ errorRate: 1 }),
      },
      plan,
    },
    null,
    1,
  ),
)
