import { FivefoldError } from '../../core/index.ts'
import { benjaminiHochberg } from '../../metrics/index.ts'
import type { DriftTest } from './drift-report.ts'
import { beyondSampling, type Finding } from './finding.ts'

export interface JudgeOptions {
  readonly falseAlarmRate: number
  readonly minimumEffect: number
  readonly weights: Readonly<Record<string, number>>
}

export interface Verdicts {
  readonly anyAlarm: boolean
  testsOf(findings: readonly Finding[]): DriftTest[]
}

/** Sees all tests of a report together: adjusts their p-values, and asks of each whether its effect matters. */
export function judge(findings: readonly Finding[], options: JudgeOptions): Verdicts {
  const weights = scaledWeights(findings, options.weights)
  const adjusted = benjaminiHochberg(findings.map(({ pValue }, i) => Math.min(1, pValue / weights[i]!)))
  const tests = new Map(
    findings.map((finding, i) => {
      const level = (options.falseAlarmRate * weights[i]!) / findings.length
      return [finding, verdict(finding, adjusted[i]!, Math.min(level, 0.5), options)]
    }),
  )
  return {
    anyAlarm: [...tests.values()].some((test) => test.alarm),
    testsOf: (some) => some.map((finding) => tests.get(finding)!),
  }
}

function verdict(
  finding: Finding,
  adjustedPValue: number,
  level: number,
  { falseAlarmRate, minimumEffect }: JudgeOptions,
): DriftTest {
  const { subject, aspect, method, statistic, pValue, effectUnit, effect, ofSampling } = finding
  const effectBeyondSampling = beyondSampling(finding)
  const floor = Math.max(minimumEffect, finding.referenceVariation)
  const significant = adjustedPValue <= falseAlarmRate
  const detectable = level > 0 ? finding.detectableEffect(level) : null
  return {
    subject,
    aspect,
    method,
    statistic,
    pValue,
    adjustedPValue,
    significant,
    effectUnit,
    effect,
    effectOfSampling: ofSampling,
    effectBeyondSampling,
    floor,
    minimumDetectableEffect: detectable === null ? null : Math.max(detectable, floor),
    alarm: significant && effectBeyondSampling > floor,
  }
}

/** Weights with a mean of 1 over the tests, which is what keeps the false discovery rate. */
function scaledWeights(findings: readonly Finding[], weights: Readonly<Record<string, number>>): number[] {
  const given = findings.map(({ subject }) => (Object.hasOwn(weights, subject) ? weights[subject]! : 1))
  for (const [column, weight] of Object.entries(weights))
    if (!(weight >= 0 && Number.isFinite(weight)))
      throw new FivefoldError('OPTION_INVALID', `the weight of '${column}' is ${weight}; weights are 0 or more`)
  const sum = given.reduce((total, weight) => total + weight, 0)
  if (given.length > 0 && sum === 0)
    throw new FivefoldError('OPTION_INVALID', 'all weights are 0: nothing would be tested')
  return given.map((weight) => (weight * given.length) / sum)
}
