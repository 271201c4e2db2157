import { MAX_LOG_STEP, type Objective } from './objective.ts'

/** A loss that is a sum over rows, by score and target; both in the trainer's units. */
export interface PointwiseLoss {
  readonly gradient: (score: number, target: number) => number
  /** Positive; the second derivative, or a bound or stand-in where that vanishes. */
  readonly hessian: (score: number, target: number) => number
  readonly loss: (score: number, target: number) => number
}

const ONE = (): number => 1

/**
 * The losses whose gradients are not computed in WebAssembly. Leaves of `absolute` and `quantile` are renewed with the
 * quantile of their residuals (Friedman, 2001), hence their unit hessians only weigh rows.
 */
export function pointwiseLoss({ name, shape }: Objective): PointwiseLoss | undefined {
  switch (name) {
    case 'absolute':
      return {
        gradient: (score, target) => Math.sign(score - target),
        hessian: ONE,
        loss: (score, target) => Math.abs(score - target),
      }
    case 'quantile':
      return {
        gradient: (score, target) => (target > score ? -shape : 1 - shape),
        hessian: ONE,
        loss: (score, target) => (target > score ? shape * (target - score) : (1 - shape) * (score - target)),
      }
    case 'huber':
      return {
        gradient: (score, target) => Math.max(-shape, Math.min(shape, score - target)),
        hessian: ONE,
        loss: (score, target) => huber(Math.abs(score - target), shape),
      }
    case 'poisson':
      return {
        gradient: (score, target) => Math.exp(score) - target,
        hessian: (score) => Math.exp(score + MAX_LOG_STEP),
        loss: (score, target) => Math.exp(score) - target + (target > 0 ? target * (Math.log(target) - score) : 0),
      }
    case 'gamma':
      return {
        gradient: (score, target) => 1 - target * Math.exp(-score),
        hessian: (score, target) => target * Math.exp(-score),
        loss: (score, target) => score - Math.log(target) + target * Math.exp(-score) - 1,
      }
    case 'tweedie':
      return tweedie(shape)
    default:
      return undefined
  }
}

function huber(distance: number, delta: number): number {
  return distance <= delta ? (distance * distance) / 2 : delta * (distance - delta / 2)
}

/** Half the unit deviance of a compound Poisson-gamma variable with variance mean ^ power (Jorgensen, 1987). */
function tweedie(power: number): PointwiseLoss {
  const [a, b] = [1 - power, 2 - power]
  return {
    gradient: (score, target) => Math.exp(b * score) - target * Math.exp(a * score),
    hessian: (score, target) => b * Math.exp(b * score) - a * target * Math.exp(a * score),
    loss: (score, target) =>
      (target > 0 ? target ** b / (a * b) : 0) - (target * Math.exp(a * score)) / a + Math.exp(b * score) / b,
  }
}
