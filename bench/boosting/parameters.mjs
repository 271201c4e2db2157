/**
 * Parameters of the three libraries for the same training, as nearly as each can express it.
 *
 * Alike in all: rounds, learning rate 0.1, l2 1, 255 bins, no sampling, no least gain, start at the prior.
 * - Growth by leaf: the leaf of highest gain next, to 31 leaves. LightGBM grows no other way: for growth by depth it gets 6
 *   levels and the 64 leaves that fit in them, which is the same tree wherever no split is refused for lack of leaves.
 * - Smallest leaf: a sum of hessians of 1 (XGBoost's default) and one row. For ranking LightGBM's 20 rows and 1e-3, of which
 *   XGBoost can only express the second.
 * - LightGBM also has at least three values in a bin by default; here one, as in the others.
 * - Categories: LightGBM's smoothing, regularisation and least group sizes are our defaults too; XGBoost has only the limits
 *   on one-hot splits (4) and on the categories of a split (32).
 * - Ranking: pairs with one of the first 30 rows by score, gains 2^grade - 1, normalised by query.
 * - More than two classes: XGBoost doubles p(1-p), we and LightGBM multiply it by K/(K-1); no parameter changes that.
 * - XGBoost bins straight from the matrix (QuantileDMatrix, what its documentation recommends for `hist`) and gets it row by
 *   row, LightGBM column by column: what each is quicker with.
 * - LightGBM chooses row-wise or column-wise histograms by trying both first, as it does by default; that is in its time.
 */
const OBJECTIVES = {
  ours: { binary: 'logistic', classes: 'softmax', number: 'squared', ranking: 'lambdarank' },
  xgboost: { binary: 'binary:logistic', classes: 'multi:softprob', number: 'reg:squarederror', ranking: 'rank:ndcg' },
  lightgbm: { binary: 'binary', classes: 'multiclass', number: 'regression', ranking: 'lambdarank' },
}
const LEAVES = 31
const LEVELS = 6

/** Parameters for a data set's kind and `growth`, by library. */
const MATCHED = {
  ours: (kind, growth) => ({
    learningRate: 0.1,
    l2: 1,
    maxBins: 255,
    ...(kind === 'ranking' ? { minLeafRows: 20, minLeafWeight: 1e-3 } : { minLeafRows: 1, minLeafWeight: 1 }),
    ...(growth === 'depth' ? { growth, maxDepth: LEVELS } : { growth, maxLeaves: LEAVES }),
  }),
  xgboost: (kind, growth) => ({
    tree_method: 'hist',
    eta: 0.1,
    lambda: 1,
    max_bin: 255,
    min_child_weight: kind === 'ranking' ? 1e-3 : 1,
    max_cat_to_onehot: 4,
    max_cat_threshold: 32,
    ...(growth === 'depth'
      ? { grow_policy: 'depthwise', max_depth: LEVELS }
      : { grow_policy: 'lossguide', max_depth: 0, max_leaves: LEAVES }),
    ...(kind === 'ranking' && { lambdarank_pair_method: 'topk', lambdarank_num_pair_per_sample: 30 }),
  }),
  lightgbm: (kind, growth) => ({
    learning_rate: 0.1,
    lambda_l2: 1,
    max_bin: 255,
    min_data_in_bin: 1,
    ...(kind === 'ranking'
      ? { min_data_in_leaf: 20, min_sum_hessian_in_leaf: 1e-3 }
      : { min_data_in_leaf: 1, min_sum_hessian_in_leaf: 1 }),
    ...(growth === 'depth' ? { max_depth: LEVELS, num_leaves: 2 ** LEVELS } : { num_leaves: LEAVES }),
  }),
}

/** The objective of a library, without which it does not know the task, and nothing else: its own defaults. */
export function objectiveOf(library, kind) {
  return { objective: OBJECTIVES[library][kind] }
}

export function matchedParameters(library, kind, growth) {
  return { ...objectiveOf(library, kind), ...MATCHED[library](kind, growth) }
}
