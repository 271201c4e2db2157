import { z } from 'zod'
import { FivefoldError } from '../../core/index.ts'

const linearParamsSchema = z.strictObject({
  l1: z.number().nonnegative().default(0),
  l2: z.number().nonnegative().default(1),
  fitIntercept: z.boolean().default(true),
  maxIterations: z.number().int().min(1).max(100_000).default(300),
  tolerance: z.number().positive().max(0.1).default(1e-6),
})

/**
 * Parameters of a linear model. What is minimised is a sum over rows, not a mean:
 * `sum_i weight_i * loss_i + l1 * |w|_1 + l2 / 2 * |w|^2`, with log loss, or half the squared error.
 * Intercepts are not penalised. In scikit-learn's terms: LogisticRegression has l2 = 1 / C, Ridge l2 = alpha,
 * ElasticNet l1 = rows * alpha * l1_ratio and l2 = rows * alpha * (1 - l1_ratio).
 *
 * - `l1` default 0; above 0 coefficients that do not help become exactly 0
 * - `l2` default 1
 * - `fitIntercept` default true
 * - `maxIterations` default 300; a model that needs more is returned with `converged: false`
 * - `tolerance` default 1e-6, on the gradient a row of the objective over centred and scaled features
 */
export type LinearParams = z.infer<typeof linearParamsSchema>

/** Fills in defaults. Throws OPTION_INVALID naming each parameter that is unknown or out of range. */
export function parseLinearParams(params: Partial<LinearParams>): LinearParams {
  const parsed = linearParamsSchema.safeParse(params)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map((issue) => ({ path: issue.path.map(String), message: issue.message }))
  const text = issues.map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
  throw new FivefoldError('OPTION_INVALID', `linear parameters: ${text.join('; ')}`, { issues })
}
