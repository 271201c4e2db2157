import type { ObjectiveName } from '../../loss/objective.ts'

/** CatBoost's losses (1.2) whose predictions can be had here, one value a row or one a class. */
export const CATBOOST_LOSSES: Readonly<Record<string, ObjectiveName>> = {
  Logloss: 'logistic',
  CrossEntropy: 'logistic',
  MultiClass: 'softmax',
  RMSE: 'squared',
  MAE: 'absolute',
  Quantile: 'quantile',
  Huber: 'huber',
  Poisson: 'poisson',
  Tweedie: 'tweedie',
  MAPE: 'custom',
  LogCosh: 'custom',
  Lq: 'custom',
  Expectile: 'custom',
  YetiRank: 'lambdarank',
  YetiRankPairwise: 'lambdarank',
  PairLogit: 'lambdarank',
  PairLogitPairwise: 'lambdarank',
  LambdaMart: 'lambdarank',
  QueryRMSE: 'lambdarank',
  QuerySoftMax: 'lambdarank',
  StochasticRank: 'lambdarank',
}
