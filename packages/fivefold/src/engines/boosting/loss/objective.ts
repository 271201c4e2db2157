/** What is minimised. */
export const OBJECTIVE_NAMES = [
  ...(['logistic', 'softmax', 'squared', 'absolute', 'huber', 'quantile', 'poisson', 'gamma', 'tweedie'] as const),
  ...(['lambdarank', 'custom'] as const),
] as const

export type ObjectiveName = (typeof OBJECTIVE_NAMES)[number]

/** How a sum of leaf values becomes a prediction: log-odds, log-probabilities up to a constant, logarithms, or values. */
export type Link = 'logistic' | 'softmax' | 'exponential' | 'identity'

const LINKS: Readonly<Record<ObjectiveName, Link>> = {
  logistic: 'logistic',
  softmax: 'softmax',
  squared: 'identity',
  absolute: 'identity',
  huber: 'identity',
  quantile: 'identity',
  poisson: 'exponential',
  gamma: 'exponential',
  tweedie: 'exponential',
  lambdarank: 'identity',
  custom: 'identity',
}

export function linkOf(objective: ObjectiveName): Link {
  return LINKS[objective]
}

/** An objective with everything that the trainer has to know of it. */
export interface Objective {
  readonly name: ObjectiveName
  /** Scores a row: one, or one a class for softmax. Each round grows one tree for each. */
  readonly outputCount: number
  /** Starting scores, in the trainer's units. */
  readonly baseScores: readonly number[]
  /** Target = offset + scale x trainer's target; 0 and 1 except for regression, which learns in units of deviation. */
  readonly targetOffset: number
  readonly targetScale: number
  /** Losses are reported in the target's units. */
  readonly lossScale: number
  /** Factor on p(1-p); K/(K-1) for softmax, whose diagonal alone would understate the curvature (Friedman, 2001). */
  readonly hessianFactor: number
}

/** Numbers by which gradient kernels know where gradients come from. */
const GRADIENT_KIND = { squared: 0, class: 1, given: 2 } as const

/** Squared error and classification have kernels of their own; others' gradients are computed before and given. */
export function gradientKind({ name }: Objective): number {
  if (name === 'squared') return GRADIENT_KIND.squared
  return name === 'logistic' || name === 'softmax' ? GRADIENT_KIND.class : GRADIENT_KIND.given
}

/** For softmax the class an output stands for; for logistic always the positive one. */
export function classOfOutput(objective: Objective, output: number): number {
  return objective.name === 'logistic' ? 1 : output
}

/** A class without rows still needs a finite score to start from. */
const LEAST_PRIOR = 1e-6

/** Classification starts from the log-odds, or log-probabilities, of the weighted class shares. */
export function classificationObjective(classWeights: readonly number[]): Objective {
  const total = classWeights.reduce((sum, weight) => sum + weight, 0)
  const priors = classWeights.map((weight) => Math.max(weight / total, LEAST_PRIOR))
  const common = { targetOffset: 0, targetScale: 1, lossScale: 1 }
  if (priors.length === 2) {
    const baseScores = [Math.log(priors[1]! / priors[0]!)]
    return { ...common, name: 'logistic', outputCount: 1, baseScores, hessianFactor: 1 }
  }
  const outputCount = priors.length
  const hessianFactor = outputCount / (outputCount - 1)
  return { ...common, name: 'softmax', outputCount, baseScores: priors.map(Math.log), hessianFactor }
}

/** Regression learns (target - mean) / deviation, so that float32 scores and quantised gradients keep their precision. */
export function regressionObjective(mean: number, deviation: number): Objective {
  const targetScale = deviation > 0 ? deviation : 1
  return {
    name: 'squared',
    outputCount: 1,
    baseScores: [0],
    targetOffset: mean,
    targetScale,
    lossScale: targetScale ** 2,
    hessianFactor: 1,
  }
}
