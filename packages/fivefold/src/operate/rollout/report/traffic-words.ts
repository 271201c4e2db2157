import { formatPercent } from '../../../report/index.ts'
import type { Traffic } from '../policy/traffic-policy.ts'

/** Who answers, in a few words. */
export function describeTraffic(traffic: Traffic): string {
  switch (traffic.kind) {
    case 'single':
      return `${traffic.variant} answers`
    case 'split':
      return `${weightsText(traffic.weights)} by weight`
    case 'experiment':
      return `experiment: ${weightsText(traffic.weights)}, against ${traffic.control}`
    case 'canary':
      return `canary ${traffic.canary} beside ${traffic.stable}`
    case 'bandit':
      return `bandit over ${traffic.arms.join(', ')} by ${traffic.reward}`
  }
}

function weightsText(weights: Readonly<Record<string, number>>): string {
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0)
  return Object.entries(weights)
    .map(([variant, weight]) => `${variant} ${formatPercent(weight / total, 0)}`)
    .join(', ')
}
