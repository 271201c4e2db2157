import type { ObjectiveName } from '../../loss/objective.ts'
import type { BoostingParams } from '../../parameters.ts'
import type { Fields } from '../draft/fields.ts'

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

interface Section {
  readonly name: string
  /** Parameters of ours by their names there, or what the section has to say, which only training there asks for. */
  readonly numbers: Readonly<Record<string, keyof BoostingParams | number>>
}

const WEIGHTED: Section = { name: 'reg_loss_param', numbers: { scale_pos_weight: 1 } }

/** Where XGBoost keeps the numbers that objectives have; it does not load an objective without its section. */
const SECTIONS: Readonly<Partial<Record<ObjectiveName, Section>>> = {
  logistic: WEIGHTED,
  squared: WEIGHTED,
  custom: WEIGHTED,
  gamma: WEIGHTED,
  poisson: { name: 'poisson_regression_param', numbers: { max_delta_step: 0.7 } },
  lambdarank: { name: 'lambdarank_param', numbers: {} },
  quantile: { name: 'quantile_loss_param', numbers: { quantile_alpha: 'quantile' } },
  huber: { name: 'pseudo_huber_param', numbers: { huber_slope: 'huberDelta' } },
  tweedie: { name: 'tweedie_regression_param', numbers: { tweedie_variance_power: 'tweediePower' } },
}

/** Parameters that the `objective` of a file gives. */
export function paramsOfObjective(objective: ObjectiveName, fields: Fields): Partial<BoostingParams> {
  const section = SECTIONS[objective]
  const values = section && fields[section.name]
  if (section === undefined || typeof values !== 'object' || values === null) return {}
  const numbers = Object.entries(section.numbers).flatMap(([theirs, ours]) => {
    const text = String((values as Fields)[theirs] ?? '')
    return typeof ours === 'number' ? [] : [[ours, Number.parseFloat(text.replace('[', ''))] as const]
  })
  return Object.fromEntries(numbers)
}

/** The numbers of an objective as a file of XGBoost has them. */
export function objectiveSection(
  objective: ObjectiveName,
  params: BoostingParams,
): Record<string, Record<string, string>> {
  const section = SECTIONS[objective]
  if (section === undefined) return {}
  const textOf = (ours: keyof BoostingParams | number): string =>
    String(typeof ours === 'number' ? ours : (params[ours] ?? 1))
  const numbers = Object.entries(section.numbers).map(([theirs, ours]) => [theirs, textOf(ours)] as const)
  return { [section.name]: Object.fromEntries(numbers) }
}
