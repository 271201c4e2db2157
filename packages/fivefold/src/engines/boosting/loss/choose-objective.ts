import { FivefoldError } from '../../../core/index.ts'
import type { Target } from '../../../data/index.ts'
import type { BoostingParams } from '../parameters.ts'
import { MAX_RELEVANCE } from './lambdarank.ts'
import { linkOf, type Objective, type ObjectiveName, PLAIN_OBJECTIVE } from './objective.ts'
import { quantileOf } from './quantile-of.ts'

/** A class without rows still needs a finite score to start from. */
const LEAST_PRIOR = 1e-6
/** 95% efficient under normal errors (Huber, 1964). */
const HUBER_DEVIATIONS = 1.345
/** Median absolute deviation of a standard normal variable. */
const NORMAL_MAD = 0.6745

/**
 * The objective that the parameters name, or that suits the target, with its start.
 * @throws OPTION_INVALID where the objective does not suit the target, TRAIN_INPUT where its values do not suit the objective
 */
export function chooseObjective(
  target: Target,
  weights: Float32Array | undefined,
  params: BoostingParams,
  isCustom: boolean,
): Objective {
  if (target.kind === 'classes') return classificationObjective(target, weights, params, isCustom)
  const name: ObjectiveName = isCustom ? 'custom' : params.objective === 'auto' ? 'squared' : params.objective
  const link = linkOf(name)
  if (link === 'logistic' || link === 'softmax') refuse(name, 'numbers', "a target of classes, or 'squared'")
  if (isCustom && params.objective !== 'auto')
    throw new FivefoldError('OPTION_INVALID', `boosting: a custom objective takes the place of '${params.objective}'`, {
      remedy: 'Leave the parameter out.',
    })
  checkTargetValues('training', name, target.values)
  if (name === 'custom' || name === 'lambdarank') return { ...PLAIN_OBJECTIVE, name }
  return link === 'exponential'
    ? rateObjective(name, target.values, weights, params)
    : valueObjective(name, target.values, weights, params)
}

function refuse(objective: string, got: string, remedy: string): never {
  throw new FivefoldError('OPTION_INVALID', `boosting: the objective '${objective}' cannot learn a target of ${got}`, {
    remedy: `Use ${remedy}.`,
  })
}

/** Classification starts from the log-odds, or log-probabilities, of the weighted class shares. */
function classificationObjective(
  target: Target & { kind: 'classes' },
  weights: Float32Array | undefined,
  { objective }: BoostingParams,
  isCustom: boolean,
): Objective {
  if (isCustom) refuse('custom', 'classes', 'a target of numbers, such as 0 and 1')
  const fitting = target.classes.length === 2 ? 'logistic' : 'softmax'
  const suits = objective === 'auto' || objective === fitting || objective === 'softmax'
  if (!suits) refuse(objective, `${target.classes.length} classes`, `'${fitting}' or 'auto'`)
  const totals = new Array<number>(target.classes.length).fill(0)
  for (let i = 0; i < target.codes.length; i++) totals[target.codes[i]!]! += weights?.[i] ?? 1
  const present = target.classes.filter((_, code) => totals[code]! > 0)
  if (present.length < 2)
    throw new FivefoldError(
      'TRAIN_INPUT',
      `boosting: the target has one class only ('${present[0]}'); there is nothing to tell apart`,
    )
  return fromShares(totals, objective === 'softmax' ? 'softmax' : fitting)
}

function fromShares(classWeights: readonly number[], name: 'logistic' | 'softmax'): Objective {
  const total = classWeights.reduce((sum, weight) => sum + weight, 0)
  const priors = classWeights.map((weight) => Math.max(weight / total, LEAST_PRIOR))
  if (name === 'logistic') return { ...PLAIN_OBJECTIVE, name, baseScores: [Math.log(priors[1]! / priors[0]!)] }
  const outputCount = priors.length
  const hessianFactor = outputCount / (outputCount - 1)
  return { ...PLAIN_OBJECTIVE, name, outputCount, baseScores: priors.map(Math.log), hessianFactor }
}

/**
 * Regression learns (target - centre) / deviation, so that float32 scores and quantised gradients keep their precision.
 * The centre is the best constant: mean, median or quantile.
 */
function valueObjective(
  name: ObjectiveName,
  values: Float64Array,
  weights: Float32Array | undefined,
  params: BoostingParams,
): Objective {
  const { mean, deviation } = weightedMoments(values, weights)
  const targetScale = deviation > 0 ? deviation : 1
  if (name === 'squared')
    return { ...PLAIN_OBJECTIVE, name, targetOffset: mean, targetScale, lossScale: targetScale ** 2 }
  const share = name === 'quantile' ? params.quantile : 0.5
  const targetOffset = bestConstant(values, weights, share)
  const common = { ...PLAIN_OBJECTIVE, name, targetOffset, targetScale }
  if (name !== 'huber') return { ...common, lossScale: targetScale, shape: share }
  const distances = values.map((value) => Math.abs(value - targetOffset))
  const robust = bestConstant(distances, weights, 0.5) / NORMAL_MAD
  const delta = params.huberDelta ?? HUBER_DEVIATIONS * (robust > 0 ? robust : targetScale)
  return { ...common, lossScale: targetScale ** 2, shape: delta / targetScale }
}

/** Rates start from the logarithm of their mean. */
function rateObjective(
  name: ObjectiveName,
  values: Float64Array,
  weights: Float32Array | undefined,
  params: BoostingParams,
): Objective {
  const { mean } = weightedMoments(values, weights)
  if (!(mean > 0)) throw new FivefoldError('TRAIN_INPUT', `boosting: all targets are 0; '${name}' has nothing to learn`)
  const shape = name === 'tweedie' ? params.tweediePower : 0
  return { ...PLAIN_OBJECTIVE, name, baseScores: [Math.log(mean)], shape }
}

/**
 * @param which whose rows they are, for the message
 * @throws TRAIN_INPUT for values that the objective's loss is not defined for
 */
export function checkTargetValues(which: string, name: ObjectiveName, values: Float64Array): void {
  const demand = demandOf(name)
  const row = demand === undefined ? -1 : values.findIndex((value) => !demand.isFit(value))
  if (demand === undefined || row < 0) return
  throw new FivefoldError(
    'TRAIN_INPUT',
    `boosting: the objective '${name}' needs ${demand.needs}; the ${which} target is ${values[row]} in row ${row}`,
  )
}

function demandOf(name: ObjectiveName): { needs: string; isFit: (value: number) => boolean } | undefined {
  switch (name) {
    case 'gamma':
      return { needs: 'values above 0', isFit: (value) => value > 0 }
    case 'poisson':
    case 'tweedie':
      return { needs: 'values of 0 or more', isFit: (value) => value >= 0 }
    case 'lambdarank':
      return {
        needs: `relevance grades: whole numbers from 0 to ${MAX_RELEVANCE}`,
        isFit: (value) => Number.isInteger(value) && value >= 0 && value <= MAX_RELEVANCE,
      }
    default:
      return undefined
  }
}

function weightedMoments(values: Float64Array, weights: Float32Array | undefined): { mean: number; deviation: number } {
  let total = 0
  let mean = 0
  let squares = 0
  for (let i = 0; i < values.length; i++) {
    const weight = weights?.[i] ?? 1
    if (weight === 0) continue
    total += weight
    const delta = values[i]! - mean
    mean += (delta * weight) / total
    squares += weight * delta * (values[i]! - mean)
  }
  return { mean, deviation: Math.sqrt(squares / total) }
}

function bestConstant(values: Float64Array, weights: Float32Array | undefined, share: number): number {
  return quantileOf(values.slice(), weights === undefined ? undefined : Float64Array.from(weights), share)
}
