import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FivefoldError } from '../../core/index.ts'
import { createRng, type Rng } from '../../core/rng.ts'
import { normalCdf } from '../special-functions.ts'
import { binomialEvidence, consistentSuccesses, evidenceOfExcess, proportionSequence } from './binomial-mixture.ts'
import { compareMeansSequentially, momentsOfCounts } from './compare-means.ts'
import { compareWithCuped } from './cuped.ts'
import { excessEvidence, requestsUntilDetection } from './excess-events.ts'
import { addPair, addValue, type Moments, NO_MOMENTS, NO_PAIR_MOMENTS, sampleVariance } from './moments.ts'
import { logMixtureRatio, mixtureMargin } from './normal-mixture.ts'
import { compareQuantilesSequentially, quantileSequence } from './quantile-sequence.ts'
import { sampleRatioEvidence, sampleRatioPValue, sampleRatioTest } from './sample-ratio.ts'
import { sampleSizeForMeans, sampleSizeForProportions } from './sample-size.ts'
import { createHistogram } from './value-histogram.ts'

/** Written by interop/python/write_sequential_fixtures.py: numerical integration by scipy. */
const golden = JSON.parse(readFileSync(new URL('fixtures/sequential.json', import.meta.url), 'utf8')) as {
  normal: { value: number; variance: number; prior: number; log: number }[]
  binomial: Record<'successes' | 'trials' | 'probability' | 'a' | 'b' | 'log' | 'excess', number>[]
  ratio: { counts: number[]; shares: number[]; statistic: number; pValue: number; log: number }[]
  cuped: { x: number[]; y: number[]; slope: number; difference: number; variance: number }
}

/** How many of `runs` paths ever fulfil a condition. */
function shareOfPaths(runs: number, everHolds: (rng: Rng) => boolean): number {
  let held = 0
  for (let run = 0; run < runs; run++) if (everHolds(createRng(run, 'sequential'))) held++
  return held / runs
}

/** Three standard deviations above a rate, so that a right procedure fails here about once in a thousand seeds. */
const atMost = (rate: number, runs: number): number => rate + 3 * Math.sqrt((rate * (1 - rate)) / runs)

describe('mixtures agree with numerical integration', () => {
  it('normal', () => {
    for (const { value, variance, prior, log } of golden.normal)
      expect(logMixtureRatio({ value, variance }, prior)).toBeCloseTo(log, 8)
  })
  it('binomial, two-sided and one-sided', () => {
    for (const { successes, trials, probability, a, b, log, excess } of golden.binomial) {
      expect(binomialEvidence(successes, trials, probability, { a, b })).toBeCloseTo(log, 7)
      expect(evidenceOfExcess(successes, trials, probability, { a, b })).toBeCloseTo(excess, 7)
    }
  })
  it('multinomial, and the chi-squared test of scipy', () => {
    for (const { counts, shares, log, statistic, pValue } of golden.ratio) {
      expect(sampleRatioEvidence(counts, shares)).toBeCloseTo(log, 6)
      const test = sampleRatioTest(counts, shares)
      expect(test.statistic).toBeCloseTo(statistic, 9)
      expect(Math.abs(test.pValue / pValue - 1)).toBeLessThan(1e-9)
    }
  })
  it('has the form of the mSPRT for arms of one size and variance (Johari et al., 2017)', () => {
    const [n, variance, tau2, difference] = [400, 2, 0.05, 0.11]
    const published =
      Math.sqrt(variance / (variance + n * tau2)) *
      Math.exp((n * n * tau2 * difference ** 2) / (2 * variance * (variance + n * tau2)))
    expect(Math.exp(logMixtureRatio({ value: difference, variance: variance / n }, tau2))).toBeCloseTo(published, 10)
  })
  it('the margin is where the ratio reaches 1/alpha', () => {
    const [variance, prior, alpha] = [0.02, 0.3, 0.01]
    const margin = mixtureMargin(variance, prior, alpha)
    expect(logMixtureRatio({ value: margin, variance }, prior)).toBeCloseTo(-Math.log(alpha), 10)
  })
  it('evidence of an excess stays low where there is far less than expected', () => {
    expect(evidenceOfExcess(3, 40_000, 0.5, { a: 2, b: 2 })).toBeLessThan(-5)
  })
})

describe('false positives under continuous looks', () => {
  it('means: below 5% where a test repeated each 50 values alarms in a third of the runs', () => {
    const runs = 400
    let naive = 0
    const rate = shareOfPaths(runs, (rng) => {
      let [control, treatment] = [NO_MOMENTS, NO_MOMENTS]
      let alarmed = false
      let repeated = false
      for (let i = 1; i <= 2000; i++) {
        control = addValue(control, rng.normal())
        treatment = addValue(treatment, rng.normal())
        alarmed ||= compareMeansSequentially(control, treatment, { plannedCount: 1000 }).pValue < 0.05
        if (i % 50 === 0) repeated ||= fixedPValue(control, treatment) < 0.05
      }
      if (repeated) naive++
      return alarmed
    })
    expect(rate).toBeLessThanOrEqual(atMost(0.05, runs))
    expect(naive / runs).toBeGreaterThan(0.2)
  })
  it('events: below 5%', () => {
    const rate = shareOfPaths(2000, (rng) => {
      const counts = { control: 0, treatment: 0 }
      for (let events = 0; events < 500; events++) {
        counts[rng.next() < 0.5 ? 'control' : 'treatment']++
        if (excessEvidence(counts) >= Math.log(20)) return true
      }
      return false
    })
    expect(rate).toBeGreaterThan(0)
    expect(rate).toBeLessThanOrEqual(0.05)
  })
  it('sample ratio: below 5%', () => {
    const rate = shareOfPaths(400, (rng) => {
      const counts = [0, 0, 0]
      for (let unit = 0; unit < 2000; unit++) {
        const drawn = rng.next()
        counts[drawn < 0.5 ? 0 : drawn < 0.8 ? 1 : 2]!++
        if (sampleRatioPValue(counts, [5, 3, 2]) < 0.05) return true
      }
      return false
    })
    expect(rate).toBeLessThanOrEqual(0.05)
  })
  it('quantiles: the interval leaves the true 95th percentile at some time in fewer than 5% of the runs', () => {
    const truth = Math.exp(1.6448536269514722)
    const rate = shareOfPaths(300, (rng) => {
      const values = createHistogram()
      for (let i = 1; i <= 1000; i++) {
        values.add(Math.exp(rng.normal()))
        if (i % 10 !== 0) continue
        const { low, high } = quantileSequence(values, 0.95)
        if (low > truth * 1.01 || high < truth * 0.99) return true
      }
      return false
    })
    expect(rate).toBeLessThanOrEqual(0.05)
  })
})

function fixedPValue(a: Moments, b: Moments): number {
  const z = (b.mean - a.mean) / Math.sqrt(sampleVariance(a) / a.count + sampleVariance(b) / b.count)
  return 2 * normalCdf(-Math.abs(z))
}

describe('what is there is found', () => {
  it('within the planned number of requests with the power asked for', () => {
    const rates = { controlRate: 0.01, treatmentRate: 0.04 }
    const { requests } = requestsUntilDetection({ ...rates, alpha: 0.02, power: 0.9 })
    const found = shareOfPaths(500, (rng) => {
      const counts = { control: 0, treatment: 0 }
      for (let request = 0; request < requests; request++) {
        if (rng.next() < rates.controlRate) counts.control++
        if (rng.next() < rates.treatmentRate) counts.treatment++
        if (excessEvidence(counts) >= Math.log(50)) return true
      }
      return false
    })
    expect(found).toBeGreaterThan(0.88)
    expect(requests).toBeLessThan(1500)
  })
  it('is refused where it can never be', () => {
    for (const treatmentRate of [0.01, 0.010001])
      expect(() => requestsUntilDetection({ alpha: 0.05, controlRate: 0.01, treatmentRate })).toThrow(FivefoldError)
  })
  it('a slower 95th percentile, by an interval of the ratio above 1', () => {
    const rng = createRng(3)
    const [control, treatment] = [createHistogram(), createHistogram()]
    for (let i = 0; i < 4000; i++) {
      control.add(Math.exp(rng.normal() / 2))
      treatment.add(1.5 * Math.exp(rng.normal() / 2))
    }
    const { ratio, difference } = compareQuantilesSequentially(control, treatment, 0.95)
    expect(ratio.low).toBeGreaterThan(1)
    expect(ratio.low).toBeLessThan(1.5)
    expect(ratio.high).toBeGreaterThan(1.5)
    expect(difference.low).toBeGreaterThan(0)
  })
})

describe('CUPED', () => {
  const arms = [NO_PAIR_MOMENTS, NO_PAIR_MOMENTS]
  golden.cuped.x.forEach((x, i) => {
    arms[i % 2] = addPair(arms[i % 2]!, x, golden.cuped.y[i]!)
  })
  it('agrees with numpy', () => {
    const result = compareWithCuped(arms[0]!, arms[1]!, { plannedCount: 30 })
    expect(result.slope).toBeCloseTo(golden.cuped.slope, 10)
    expect(result.difference).toBeCloseTo(golden.cuped.difference, 10)
    expect(result.varianceReduction).toBeGreaterThan(0.7)
  })
  it('narrows the interval by the variance that it reports', () => {
    const adjusted = compareWithCuped(arms[0]!, arms[1]!, { plannedCount: 30 })
    const plain = compareMeansSequentially(
      ...([0, 1].map((arm) => ({ count: arms[arm]!.count, mean: arms[arm]!.meanY, squares: arms[arm]!.squaresY })) as [
        Moments,
        Moments,
      ]),
      { plannedCount: 30 },
    )
    const narrowed = ((adjusted.high - adjusted.low) / (plain.high - plain.low)) ** 2
    expect(narrowed).toBeCloseTo(1 - adjusted.varianceReduction, 6)
  })
  it('changes nothing for a covariate that does not vary', () => {
    const constant = arms.map((arm) => ({ ...arm, squaresX: 0, products: 0 }))
    const result = compareWithCuped(constant[0]!, constant[1]!)
    expect(result.difference).toBe(result.unadjustedDifference)
    expect(result.varianceReduction).toBe(0)
  })
})

describe('sample sizes', () => {
  it('are those of R: power.prop.test and power.t.test', () => {
    expect(sampleSizeForProportions({ baseline: 0.5, effect: 0.25, power: 0.9 }).control).toBe(77)
    expect(sampleSizeForProportions({ baseline: 0.5, effect: 0.1 }).control).toBe(388)
    // power.t.test(power = .90, delta = 1): 22.02 with Student's quantiles.
    expect(sampleSizeForMeans({ effect: 1, standardDeviation: 1, power: 0.9 }).control).toBe(22)
  })
  it('shrink with the variance that CUPED takes away', () => {
    const plan = { effect: 0.05, standardDeviation: 1 }
    const full = sampleSizeForMeans(plan).control
    expect(sampleSizeForMeans({ ...plan, varianceReduction: 0.5 }).control / full).toBeCloseTo(0.5, 3)
  })
  it('refuse what has no answer', () => {
    expect(() => sampleSizeForMeans({ effect: 0, standardDeviation: 1 })).toThrow(FivefoldError)
    expect(() => sampleSizeForProportions({ baseline: 0.95, effect: 0.1 })).toThrow(FivefoldError)
    expect(() => sampleSizeForMeans({ effect: 1, standardDeviation: 1, alpha: 0 })).toThrow(FivefoldError)
  })
})

describe('laws', () => {
  it('moments do not depend on where a stream was interrupted', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 30 }), (xs) => {
        const resumed = xs.reduce((m, x) => addValue(JSON.parse(JSON.stringify(m)) as Moments, x), NO_MOMENTS)
        const mean = xs.reduce((a, b) => a + b, 0) / xs.length
        const variance = xs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (xs.length - 1)
        expect(resumed.mean).toBeCloseTo(mean, 6)
        expect(Math.abs(sampleVariance(resumed) - variance)).toBeLessThanOrEqual(1e-6 * (1 + variance))
      }),
    )
  })
  it('consistent successes are those whose evidence is below the limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.double({ min: 0.02, max: 0.98, noNaN: true }), (trials, p) => {
        const prior = { a: 2, b: 3 }
        const { fewest, most } = consistentSuccesses(trials, p, 0.05, prior)
        for (let successes = 0; successes <= trials; successes++) {
          const consistent = binomialEvidence(successes, trials, p, prior) < Math.log(20)
          expect(successes >= fewest && successes <= most).toBe(consistent)
        }
      }),
      { numRuns: 60 },
    )
  })
  it('a proportion lies in its interval, which shrinks', () => {
    const small = proportionSequence(30, 100)
    const large = proportionSequence(3000, 10_000)
    expect(small.low).toBeLessThan(0.3)
    expect(small.high).toBeGreaterThan(0.3)
    expect(large.high - large.low).toBeLessThan((small.high - small.low) / 5)
    expect(proportionSequence(0, 0)).toEqual({ value: 0.5, low: 0, high: 1 })
  })
  it('a 0/1 metric is a mean', () => {
    const counted = momentsOfCounts(3, 10)
    const streamed = [1, 0, 0, 1, 0, 0, 1, 0, 0, 0].reduce(addValue, NO_MOMENTS)
    expect(sampleVariance(counted)).toBeCloseTo(sampleVariance(streamed), 12)
  })
  it('histograms know ranks to within one percent and survive JSON', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 }),
        (values) => {
          const filled = createHistogram()
          for (const value of values) filled.add(value)
          const resumed = createHistogram(JSON.parse(JSON.stringify(filled.toHistogram())))
          const sorted = [...values].sort((a, b) => a - b)
          sorted.forEach((value, i) => {
            expect(Math.abs(resumed.valueOfRank(i + 1) / value - 1)).toBeLessThanOrEqual(0.0101)
          })
        },
      ),
    )
  })
})
