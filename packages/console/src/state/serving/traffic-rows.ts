import type { CanaryReport, DeploymentRecord, TrafficPlan, VariantReport, Weights } from '../../client/serving-wire.ts'
import { formatPercent } from '../../format/format.ts'

/** What one variant gets of the requests, and why. */
export interface TrafficRow {
  readonly variant: string
  /** `churn-2`, or `churn-2 version 7`. */
  readonly model: string
  /** As the policy says; undefined where a bandit decides. Copies are no share. */
  readonly share: number | undefined
  /** Of the answers since the policy began; undefined without answers. */
  readonly answered: number | undefined
  readonly why: string
}

/** Every variant of a deployment with what it gets, the largest part first; those without any come last. */
export function trafficRows(
  record: DeploymentRecord,
  variants: readonly VariantReport[],
  canary?: CanaryReport,
): TrafficRow[] {
  const total = variants.reduce((sum, { answers }) => sum + answers, 0)
  const rows = Object.entries(record.variants).map(([variant, { model, version }]): TrafficRow => {
    const answers = variants.find((one) => one.variant === variant)?.answers ?? 0
    return {
      variant,
      model: version === undefined ? model : `${model} version ${version}`,
      ...partOf(record.policy.traffic, variant, canary),
      answered: total === 0 ? undefined : answers / total,
    }
  })
  const size = ({ share, answered }: TrafficRow): number => share ?? answered ?? 0
  return rows.sort((a, b) => size(b) - size(a))
}

function partOf(
  traffic: TrafficPlan,
  variant: string,
  canary: CanaryReport | undefined,
): Pick<TrafficRow, 'share' | 'why'> {
  switch (traffic.kind) {
    case 'single':
      return traffic.variant === variant ? { share: 1, why: 'answers everything' } : NOTHING
    case 'split':
      return { share: shareOf(traffic.weights, variant), why: 'by weight' }
    case 'experiment': {
      const share = shareOf(traffic.weights, variant)
      if (variant === traffic.control) return { share, why: 'control of the experiment' }
      return share === 0 ? NOTHING : { share, why: 'compared to the control' }
    }
    case 'canary': {
      const share = canary?.share ?? traffic.stages[0]?.share ?? 0
      if (variant === traffic.canary) return { share, why: `canary, stage ${(canary?.stage ?? 0) + 1}` }
      if (variant !== traffic.stable) return NOTHING
      return { share: 1 - share, why: `${formatPercent(share)} as its control, the rest beside it` }
    }
    case 'bandit':
      return traffic.arms.includes(variant) ? { share: undefined, why: 'chosen by what was learned' } : NOTHING
  }
}

const NOTHING = { share: 0, why: 'kept, without traffic' }

const shareOf = (weights: Weights, variant: string): number => {
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0)
  return total === 0 || !Object.hasOwn(weights, variant) ? 0 : weights[variant]! / total
}

/** Exceptions from the shares, in words. */
export function trafficNotes({ policy, fallback }: DeploymentRecord): string[] {
  const { rules, shadows, stickyBy, traffic } = policy
  const other = fallback.variant ?? (traffic.kind === 'canary' ? traffic.stable : undefined)
  return [
    stickyBy === undefined
      ? 'Chance decides, request by request.'
      : `The header ${stickyBy} decides: the same value gets the same variant.`,
    ...rules.map(({ header, equals, variant }) => `${header}: ${equals} goes to ${variant}, whatever the rest says.`),
    ...shadows.map(
      ({ variant, share }) => `${variant} gets copies of ${formatPercent(share)}; its answers are not returned.`,
    ),
    ...(other === undefined ? [] : [`Where a variant fails, ${other} answers in its place.`]),
    ...(fallback.cachedAnswers > 0
      ? [`Then an answer kept to the same question, of the latest ${fallback.cachedAnswers.toLocaleString('en-US')}.`]
      : []),
    ...(fallback.answer === undefined ? [] : ['Then a fixed answer.']),
  ]
}

/** Who answers under a policy, in one line. */
export function describeTraffic(traffic: TrafficPlan): string {
  switch (traffic.kind) {
    case 'single':
      return `${traffic.variant} answers everything`
    case 'split':
      return weightsInWords(traffic.weights)
    case 'experiment':
      return `experiment: ${weightsInWords(traffic.weights)}, against ${traffic.control}`
    case 'canary':
      return `canary ${traffic.canary} beside ${traffic.stable}`
    case 'bandit':
      return `bandit over ${traffic.arms.join(', ')} by ${traffic.reward}`
  }
}

const weightsInWords = (weights: Weights): string =>
  Object.keys(weights)
    .map((variant) => `${variant} ${formatPercent(shareOf(weights, variant))}`)
    .join(', ')
