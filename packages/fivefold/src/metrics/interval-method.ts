import { BOOTSTRAP_REPLICATES } from './bootstrap.ts'
import { BOOTSTRAP_MAX_ROWS } from './measure-classification.ts'
import type { MetricName } from './names.ts'

/** How the 95% interval of a metric is made, for reports. */
export function intervalMethod(name: MetricName, rows: number, classCount = 2): string {
  switch (name) {
    case 'accuracy':
      return 'Wilson score'
    case 'precision':
    case 'f1':
      return classCount > 2 ? 'delta method on the logit scale' : 'Wilson score'
    case 'recall':
      return classCount > 2 ? 'Wilson scores of the classes, combined (MOVER)' : 'Wilson score'
    case 'balancedAccuracy':
      return 'Wilson scores of the classes, combined (MOVER)'
    case 'rocAuc':
      return 'DeLong on the logit scale'
    case 'prAuc':
      return 'influence function on the logit scale'
    default:
      return rows > BOOTSTRAP_MAX_ROWS ? 'normal, delta method' : `BCa bootstrap, ${BOOTSTRAP_REPLICATES} replicates`
  }
}
