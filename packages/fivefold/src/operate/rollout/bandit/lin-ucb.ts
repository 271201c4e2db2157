import { z } from 'zod'
import { FivefoldError } from '../../../core/index.ts'
import { parsedAs } from '../policy/traffic-policy.ts'
import { bestArm } from './arm-moments.ts'
import type { Bandit } from './bandit.ts'

interface ArmModel {
  /** Inverse of I + Σ x·xᵀ, row-major. */
  readonly inverse: Float64Array
  /** Σ reward·x. */
  readonly response: Float64Array
  count: number
  rewards: number
}

const armSchema = z.strictObject({
  inverse: z.array(z.number()),
  response: z.array(z.number()),
  count: z.number().int().nonnegative(),
  rewards: z.number(),
})

/**
 * LinUCB with a linear model of its own for each arm (Li et al., 2010, algorithm 1): plays the arm with the highest expected reward
 * plus `exploration` standard deviations. The inverse is kept by Sherman and Morrison's formula, so a reward costs the square of
 * the dimensions.
 */
export function createLinUcb(
  arms: readonly string[],
  { dimensions, exploration }: { readonly dimensions: number; readonly exploration: number },
  from?: unknown,
): Bandit {
  const models = modelsOf(arms, dimensions, from)
  const scoreOf = (arm: string, context: readonly number[]): number => {
    const { inverse, response } = models.get(arm)!
    const projected = multiply(inverse, context)
    return dot(projected, response) + exploration * Math.sqrt(Math.max(0, dot(projected, context)))
  }
  return {
    choose: (context = []) => bestArm(arms, (arm) => scoreOf(arm, padded(context, dimensions))),
    reward: (arm, reward, context = []) => {
      const model = models.get(arm)
      if (model && Number.isFinite(reward)) learn(model, reward, padded(context, dimensions))
    },
    report: () =>
      arms.map((arm) => {
        const { count, rewards } = models.get(arm)!
        return { arm, count, meanReward: rewards / count }
      }),
    toState: () =>
      Object.fromEntries(
        [...models].map(([arm, { inverse, response, count, rewards }]) => [
          arm,
          { inverse: Array.from(inverse), response: Array.from(response), count, rewards },
        ]),
      ),
  }
}

function modelsOf(arms: readonly string[], dimensions: number, from: unknown): Map<string, ArmModel> {
  const stored = from === undefined ? {} : parsedAs(z.record(z.string(), armSchema), from, 'the state of the bandit')
  return new Map(
    arms.map((arm) => {
      const model = Object.hasOwn(stored, arm) ? stored[arm] : undefined
      return [arm, model ? resumed(model, dimensions) : untrained(dimensions)]
    }),
  )
}

function untrained(dimensions: number): ArmModel {
  const inverse = new Float64Array(dimensions * dimensions)
  for (let i = 0; i < dimensions; i++) inverse[i * dimensions + i] = 1
  return { inverse, response: new Float64Array(dimensions), count: 0, rewards: 0 }
}

function resumed({ inverse, response, ...counts }: z.infer<typeof armSchema>, dimensions: number): ArmModel {
  if (inverse.length !== dimensions * dimensions || response.length !== dimensions)
    throw new FivefoldError('CONFIG_INVALID', `the state of the bandit does not have ${dimensions} dimensions`)
  return { inverse: Float64Array.from(inverse), response: Float64Array.from(response), ...counts }
}

function learn(model: ArmModel, reward: number, context: readonly number[]): void {
  const { inverse, response } = model
  const projected = multiply(inverse, context)
  const scale = 1 / (1 + dot(projected, context))
  const size = context.length
  for (let i = 0; i < size; i++) {
    response[i]! += reward * context[i]!
    for (let j = 0; j < size; j++) inverse[i * size + j]! -= scale * projected[i]! * projected[j]!
  }
  model.count++
  model.rewards += reward
}

function padded(context: readonly number[], dimensions: number): readonly number[] {
  return Array.from({ length: dimensions }, (_, i) => context[i] ?? 0)
}

function multiply(matrix: Float64Array, vector: readonly number[]): Float64Array {
  const product = new Float64Array(vector.length)
  for (let i = 0; i < vector.length; i++)
    for (let j = 0; j < vector.length; j++) product[i]! += matrix[i * vector.length + j]! * vector[j]!
  return product
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
