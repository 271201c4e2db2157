/** What training can minimise by name; 'custom' is a function of the caller's. */
export const TRAINABLE_OBJECTIVES = [
  ...(['logistic', 'softmax', 'squared', 'absolute', 'huber', 'quantile', 'poisson', 'gamma', 'tweedie'] as const),
  'lambdarank',
] as const
export const OBJECTIVE_NAMES = [...TRAINABLE_OBJECTIVES, 'custom'] as const

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
  /** Target = offset + scale x trainer's target; regression on the identity link learns in units of deviation. */
  readonly targetOffset: number
  readonly targetScale: number
  /** Losses are reported in the target's units. */
  readonly lossScale: number
  /** Factor on p(1-p); K/(K-1) for softmax, whose diagonal alone would understate the curvature (Friedman, 2001). */
  readonly hessianFactor: number
  /** The loss's own parameter: share for quantile, delta in the trainer's units for huber, power for tweedie; else 0. */
  readonly shape: number
}

/**
 * On a log link the step of a leaf is at most about this much: where rates are far from their targets a Newton step
 * overshoots (max_delta_step of XGBoost and LightGBM).
 */
export const MAX_LOG_STEP = 0.7

/** The largest size of a leaf's step, before the learning rate. */
export function largestStep({ name }: Objective): number {
  return linkOf(name) === 'exponential' ? MAX_LOG_STEP : Number.POSITIVE_INFINITY
}

/** Scores or targets of the trainer's, in the target's units. In doubles: targets may lie far from 0 and close together. */
export function toTargetUnits({ targetOffset, targetScale }: Objective, values: Float32Array): Float64Array {
  return Float64Array.from(values, (value) => targetOffset + targetScale * value)
}

/** What most objectives have in common. */
export const PLAIN_OBJECTIVE = {
  outputCount: 1,
  baseScores: [0],
  targetOffset: 0,
  targetScale: 1,
  lossScale: 1,
  hessianFactor: 1,
  shape: 0,
} as const

/** Numbers by which gradient kernels know where gradients come from. */
const GRADIENT_KIND = { squared: 0, class: 1, given: 2 } as const

/** Squared error and classification have kernels of their own; others' gradients are computed before and given. */
export function gradientKind({ name }: Objective): number {
  if (name === 'squared') return GRADIENT_KIND.squared
  return name === 'logistic' || name === 'softmax' ? GRADIENT_KIND.class : GRADIENT_KIND.given
}

export function hasGivenGradients(objective: Objective): boolean {
  return gradientKind(objective) === GRADIENT_KIND.given
}

/** For softmax the class an output stands for; for logistic always the positive one. */
export function classOfOutput(objective: Objective, output: number): number {
  return objective.name === 'logistic' ? 1 : output
}
