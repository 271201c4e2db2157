import { describe, expect, it } from 'vitest'
import { createRng, FivefoldError } from '../../../core/index.ts'
import { type ExperimentPolicy, parseTrafficPolicy } from '../policy/traffic-policy.ts'
import { createExperiment, type Experiment } from './experiment.ts'

const policy = parseTrafficPolicy({
  traffic: {
    ...{ kind: 'experiment', control: 'a', weights: { a: 2, b: 1, c: 1 }, plannedUnits: 1000 },
    metrics: [
      { name: 'spend', goal: 'increase' },
      { name: 'returns', goal: 'decrease' },
    ],
  },
}).traffic as ExperimentPolicy

interface Shape {
  readonly effect?: number
  readonly units?: number
  readonly loseB?: number
  readonly covariate?: boolean
  readonly seed?: number
}

/** Users with a habit of their own; `b` spends more by `effect`. */
function run(
  { effect = 0, units = 3000, loseB = 0, covariate = false, seed = 1 }: Shape,
  look?: (e: Experiment) => void,
) {
  const experiment = createExperiment(policy)
  const rng = createRng(seed)
  for (let unit = 0; unit < units; unit++) {
    const drawn = rng.next()
    const variant = drawn < 0.5 ? 'a' : drawn < 0.75 ? 'b' : 'c'
    const habit = 3 * rng.normal()
    if (variant === 'b' && rng.next() < loseB) continue
    const key = `user-${unit}`
    experiment.recordAssignment({ variant, key })
    const value = 10 + habit + rng.normal() + (variant === 'b' ? effect : 0)
    experiment.recordOutcome({ variant, key, name: 'spend', value, ...(covariate ? { covariate: habit } : {}) })
    if (unit % 20 === 0) look?.(experiment)
  }
  return experiment
}

const spendOf = (experiment: Experiment, variant: string) =>
  experiment.report().comparisons.find((c) => c.metric === 'spend' && c.variant === variant)!

describe('experiments', () => {
  it('give no verdict where nothing differs, however often they are looked at', () => {
    let wrong = 0
    for (let seed = 0; seed < 60; seed++) {
      let decided = false
      run({ seed, units: 1500 }, (e) => {
        decided ||= e.report().comparisons.some(({ verdict }) => verdict !== 'undecided')
      })
      if (decided) wrong++
    }
    expect(wrong / 60).toBeLessThanOrEqual(0.05)
  })
  it('find what differs, and say in which direction it is good', () => {
    const experiment = run({ effect: 1 })
    expect(spendOf(experiment, 'b').verdict).toBe('better')
    expect(spendOf(experiment, 'c').verdict).toBe('undecided')
    expect(spendOf(run({ effect: -1 }), 'b').verdict).toBe('worse')
  })
  it('find less with a covariate that explains the habit', () => {
    const shape = { effect: 0.3, units: 3000 }
    expect(spendOf(run(shape), 'b').verdict).toBe('undecided')
    const adjusted = spendOf(run({ ...shape, covariate: true }), 'b')
    expect(adjusted.verdict).toBe('better')
    expect(adjusted.varianceReduction).toBeGreaterThan(0.85)
    expect(adjusted.low).toBeLessThan(0.3)
    expect(adjusted.high).toBeGreaterThan(0.3)
  })
  it('give no verdict where units went missing in one arm', () => {
    const report = run({ effect: 1, loseB: 0.3 }).report()
    expect(report.sampleRatio.isMismatch).toBe(true)
    expect(report.comparisons.every(({ verdict }) => verdict === 'undecided')).toBe(true)
  })
  it('count each key once, and leave out what is not theirs', () => {
    const experiment = createExperiment(policy)
    for (let again = 0; again < 5; again++) {
      experiment.recordAssignment({ variant: 'a', key: 'one' })
      experiment.recordOutcome({ variant: 'a', key: 'one', name: 'spend', value: 3 + again })
    }
    experiment.recordAssignment({ variant: 'nobody' })
    experiment.recordOutcome({ variant: 'constructor', name: 'spend', value: 3 })
    experiment.recordOutcome({ variant: 'a', name: 'unknown', value: 3 })
    experiment.recordOutcome({ variant: 'a', name: 'spend', value: Number.NaN })
    expect(experiment.report().sampleRatio.counts).toEqual({ a: 1, b: 0, c: 0 })
    expect(spendOf(experiment, 'b').control).toEqual({ count: 1, mean: 3 })
  })
  it('keep a verdict, over a restart as well', () => {
    const experiment = run({ effect: 2, units: 600 })
    expect(spendOf(experiment, 'b').verdict).toBe('better')
    const resumed = createExperiment(policy, JSON.parse(JSON.stringify(experiment.toState())))
    expect(resumed.report()).toEqual(experiment.report())
    for (let unit = 0; unit < 400; unit++) {
      resumed.recordAssignment({ variant: 'b' })
      resumed.recordAssignment({ variant: 'a' })
      resumed.recordAssignment({ variant: 'a' })
      resumed.recordAssignment({ variant: 'c' })
      resumed.recordOutcome({ variant: 'b', name: 'spend', value: 8 })
    }
    expect(spendOf(resumed, 'b').verdict).toBe('better')
    expect(() => createExperiment(policy, { assigned: { a: -1 } })).toThrow(FivefoldError)
  })
})
