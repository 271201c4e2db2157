import { z } from 'zod'
import { FivefoldError } from '../../core/index.ts'
import type { Target } from '../../data/index.ts'
import { EARLY_STOPPING_METRICS } from './loss/early-stopping-metric.ts'
import { TRAINABLE_OBJECTIVES } from './loss/objective.ts'

/** A byte holds a bin and the value 255 is kept for missing. */
const MAX_BINS = 255
const MAX_LEAVES = 4096
const MAX_DEPTH = 64
const VALUE_LEARNING_RATE = 0.2
const DEFAULT_LEAVES = 31
const DEFAULT_LEVELS = 6

const share = z.number().positive().max(1)

const boostingParamsSchema = z.strictObject({
  /** What is minimised; 'auto' is logistic for two classes, softmax for more, squared for numbers. */
  objective: z.enum(['auto', ...TRAINABLE_OBJECTIVES]).default('auto'),
  /** For 'quantile': the share of targets that predictions shall exceed. */
  quantile: z.number().gt(0).lt(1).default(0.5),
  /** For 'huber': residuals beyond this, in the target's units, count linearly. Default 1.345 robust deviations of the target. */
  huberDelta: z.number().positive().optional(),
  /** For 'tweedie': variance = mean ^ power; 1 is Poisson, 2 gamma. */
  tweediePower: z.number().gt(1).lt(2).default(1.5),
  /** For 'lambdarank': only pairs with one of the first so many of a query count. */
  rankingTruncation: z.int().min(1).default(30),
  /** Loss by class, or 'balanced': inversely proportional to the class's weight in the data. */
  classWeights: z.union([z.literal('balanced'), z.record(z.string(), z.number().min(0))]).optional(),
  rounds: z.int().min(1).max(100_000).default(100),
  /** Default 0.1; for targets of numbers 0.2, which is better on published tables at the default number of rounds. */
  learningRate: z.number().positive().max(1).default(0.1),
  /** Most leaves of a tree. Default 31; growing by depth, as many as the depth allows. */
  maxLeaves: z.int().min(2).max(MAX_LEAVES).optional(),
  /** Most levels of splits; 0 is no limit. Default none; growing by depth, 6. */
  maxDepth: z.int().min(0).max(MAX_DEPTH).optional(),
  /** Fewest rows in a leaf. */
  minLeafRows: z.int().min(1).default(20),
  /** Least sum of hessians in a leaf: for classification about rows x p(1-p), for regression the sum of weights. */
  minLeafWeight: z.number().min(0).default(1e-3),
  l2: z.number().min(0).default(1),
  l1: z.number().min(0).default(0),
  /** Least gain of a split, score(left) + score(right) - score(parent) without the factor 1/2. For regression the target is scaled to unit variance. */
  minGain: z.number().min(0).default(0),
  maxBins: z.int().min(2).max(MAX_BINS).default(MAX_BINS),
  /** Share of rows that each tree learns from. */
  rowSample: share.default(1),
  /** Share of features that each tree may split on. */
  columnSample: share.default(1),
  /** Share of the tree's features that each of its levels may split on. */
  columnSampleByLevel: share.default(1),
  /** Share of the level's features that each node may split on. */
  columnSampleByNode: share.default(1),
  /** Features whose effect on the score may only rise (1) or only fall (-1). */
  monotone: z.record(z.string(), z.union([z.literal(1), z.literal(-1)])).default({}),
  /** Sets of features that may meet on one path from the root; features in none of them form one more set. */
  interactions: z.array(z.array(z.string()).min(1)).optional(),
  /** Splits by category with fewer categories than this in a feature try each against the rest. */
  oneHotCategories: z.int().min(0).default(4),
  /** Most categories on the smaller side of a split. */
  maxSplitCategories: z.int().min(1).max(254).default(32),
  /** Added to a category's hessians when categories are ordered: small ones move towards zero. */
  categorySmoothing: z.number().min(0).default(10),
  /** Added to `l2` in splits by category. */
  categoryL2: z.number().min(0).default(10),
  /** Rows, about, by which the smaller side of a split by category grows at least, and that the other side keeps. */
  minCategoryRows: z.int().min(0).default(100),
  /** Stops after so many rounds without a better validation metric, and keeps the rounds up to the best; 0 is off. */
  earlyStoppingRounds: z.int().min(0).default(0),
  /** Positions that the metric 'ndcg' looks at. */
  ndcgAt: z.int().min(1).default(5),
  /** What early stopping follows: the objective's loss, or a metric of the validation rows, where weights do not count. */
  metric: z.enum(['loss', ...EARLY_STOPPING_METRICS]).default('loss'),
  /** 'leaf' splits the leaf of highest gain next, 'depth' level by level. */
  growth: z.enum(['leaf', 'depth']).default('leaf'),
})

/** How trees are grown; every field has a default. */
export type BoostingParams = Omit<z.output<typeof boostingParamsSchema>, 'maxLeaves' | 'maxDepth' | 'interactions'> & {
  maxLeaves: number
  maxDepth: number
  interactions?: readonly (readonly string[])[] | undefined
}

/** Fills in defaults, of which the learning rate depends on the target. Rankings are learnt like classes. */
export function resolveParamsFor(target: Target, params: Partial<BoostingParams>): BoostingParams {
  const isValue = target.kind === 'number' && params.objective !== 'lambdarank'
  return resolveParams(isValue ? { learningRate: VALUE_LEARNING_RATE, ...params } : params)
}

/**
 * Fills in defaults.
 * @throws OPTION_INVALID for an unknown name or a value outside its range
 */
export function resolveParams(params: Partial<BoostingParams>): BoostingParams {
  const parsed = boostingParamsSchema.safeParse(params)
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => ({
      path: issue.path.map((key) => (typeof key === 'number' ? key : String(key))),
      message: issue.message,
    }))
    const list = issues.map((issue) => [issue.path.join('.'), issue.message].filter(Boolean).join(': ')).join('; ')
    throw new FivefoldError('OPTION_INVALID', `boosting parameters: ${list}`, { issues })
  }
  const { maxLeaves, maxDepth, ...rest } = parsed.data
  const byDepth = rest.growth === 'depth'
  const depth = maxDepth ?? (byDepth ? DEFAULT_LEVELS : 0)
  const leavesOfDepth = byDepth && depth > 0 ? Math.min(MAX_LEAVES, 2 ** depth) : DEFAULT_LEAVES
  return { ...rest, maxDepth: depth, maxLeaves: maxLeaves ?? leavesOfDepth }
}
