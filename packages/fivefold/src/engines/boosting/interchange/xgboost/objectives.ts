import type { ObjectiveName } from '../../loss/objective.ts'

/** How XGBoost's `base_score`, in the target's units, becomes a starting score. */
type BaseLink = 'identity' | 'logistic' | 'exponential'

export interface XgboostObjective {
  readonly objective: ObjectiveName
  readonly base: BaseLink
}

const IDENTITY = 'identity'

/** XGBoost's objectives (3.2, `src/objective`) whose predictions can be had here. */
export const XGBOOST_OBJECTIVES: ReadonlyMap<string, XgboostObjective> = new Map([
  ['reg:squarederror', { objective: 'squared', base: IDENTITY }],
  ['reg:linear', { objective: 'squared', base: IDENTITY }],
  ['reg:squaredlogerror', { objective: 'custom', base: IDENTITY }],
  ['reg:absoluteerror', { objective: 'absolute', base: IDENTITY }],
  ['reg:pseudohubererror', { objective: 'huber', base: IDENTITY }],
  ['reg:quantileerror', { objective: 'quantile', base: IDENTITY }],
  ['reg:logistic', { objective: 'logistic', base: 'logistic' }],
  ['binary:logistic', { objective: 'logistic', base: 'logistic' }],
  ['binary:logitraw', { objective: 'custom', base: IDENTITY }],
  ['multi:softprob', { objective: 'softmax', base: IDENTITY }],
  ['multi:softmax', { objective: 'softmax', base: IDENTITY }],
  ['count:poisson', { objective: 'poisson', base: 'exponential' }],
  ['reg:gamma', { objective: 'gamma', base: 'exponential' }],
  ['reg:tweedie', { objective: 'tweedie', base: 'exponential' }],
  ['rank:ndcg', { objective: 'lambdarank', base: IDENTITY }],
  ['rank:map', { objective: 'lambdarank', base: IDENTITY }],
  ['rank:pairwise', { objective: 'lambdarank', base: IDENTITY }],
] satisfies [string, XgboostObjective][])

export function scoreOfBase(link: BaseLink, base: number): number {
  if (link === 'logistic') return Math.log(base / (1 - base))
  return link === 'exponential' ? Math.log(base) : base
}
