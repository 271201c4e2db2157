import { FivefoldError } from '../../../../core/index.ts'
import type { ObjectiveName } from '../../loss/objective.ts'

/** LightGBM's objectives (4.7, `src/objective`) whose predictions can be had here. Without one predictions are scores. */
const OBJECTIVES: Readonly<Record<string, ObjectiveName>> = {
  binary: 'logistic',
  cross_entropy: 'logistic',
  multiclass: 'softmax',
  regression: 'squared',
  regression_l1: 'absolute',
  huber: 'huber',
  fair: 'custom',
  mape: 'custom',
  quantile: 'quantile',
  poisson: 'poisson',
  gamma: 'gamma',
  tweedie: 'tweedie',
  lambdarank: 'lambdarank',
  rank_xendcg: 'lambdarank',
  custom: 'custom',
}

export interface LightgbmObjective {
  readonly objective: ObjectiveName
  /** Factor on scores before the link. */
  readonly sigmoid: number
}

/** @param text what follows `objective=`: a name and its settings, as in `binary sigmoid:1` */
export function lightgbmObjective(text: string): LightgbmObjective {
  const [name, ...settings] = text.trim() === '' ? ['custom'] : text.trim().split(/\s+/)
  const objective = Object.hasOwn(OBJECTIVES, name!) ? OBJECTIVES[name!] : undefined
  if (objective === undefined || settings.includes('sqrt'))
    throw new FivefoldError('MODEL_UNSUPPORTED', `LightGBM's objective '${text.trim()}' has no counterpart here`)
  const sigmoid = Number(settings.find((setting) => setting.startsWith('sigmoid:'))?.slice(8) ?? 1)
  if (!(sigmoid > 0 && sigmoid < Infinity)) throw new FivefoldError('MODEL_UNREADABLE', `objective=${text}`)
  return { objective, sigmoid: name === 'binary' ? sigmoid : 1 }
}

/** What a model says for LightGBM to load it; undefined for scores as they are. */
export function objectiveText(objective: ObjectiveName, classCount: number): string | undefined {
  switch (objective) {
    case 'custom':
      return undefined
    case 'logistic':
      return 'binary sigmoid:1'
    case 'softmax':
      return `multiclass num_class:${classCount}`
    case 'squared':
      return 'regression'
    case 'absolute':
      return 'regression_l1'
    default:
      return objective
  }
}
