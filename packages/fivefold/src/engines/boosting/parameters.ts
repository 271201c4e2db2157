import { z } from 'zod'
import { FivefoldError } from '../../core/index.ts'

/** A byte holds a bin and the value 255 is kept for missing. */
const MAX_BINS = 255
const MAX_LEAVES = 4096
const MAX_DEPTH = 64
const DEFAULT_LEAVES = 31
const DEFAULT_LEVELS = 6

const boostingParamsSchema = z.strictObject({
  rounds: z.int().min(1).max(100_000).default(100),
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
  rowSample: z.number().positive().max(1).default(1),
  /** Share of features that each tree may split on. */
  columnSample: z.number().positive().max(1).default(1),
  /** Stops after so many rounds without a lower validation loss, and keeps the rounds up to the lowest; 0 is off. */
  earlyStoppingRounds: z.int().min(0).default(0),
  /** 'leaf' splits the leaf of highest gain next, 'depth' level by level. */
  growth: z.enum(['leaf', 'depth']).default('leaf'),
})

/** How trees are grown; every field has a default. */
export type BoostingParams = Omit<z.output<typeof boostingParamsSchema>, 'maxLeaves' | 'maxDepth'> & {
  maxLeaves: number
  maxDepth: number
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
