import { z } from 'zod'
import { FivefoldError } from '../../../core/index.ts'
import { nameSchema, parsedAs, trafficPolicySchema, variantsOf } from '../policy/traffic-policy.ts'

const variantSchema = z.strictObject({
  /** Name of a model that the server holds. */
  model: z.string().min(1).max(200),
  /** The latest version that is ready, where absent. */
  version: z.string().min(1).max(200).exactOptional(),
})

/** What answers where the chosen variant cannot, tried in this order. Each such answer is marked. */
const fallbackSchema = z.strictObject({
  /** Another variant: the version before. */
  variant: nameSchema.exactOptional(),
  /** Answers kept by input, the latest ones. */
  cachedAnswers: z.number().int().min(0).max(1_000_000).default(0),
  /** A value for each output, the same for every row. */
  answer: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).exactOptional(),
})

/** What an operator writes. */
export const deploymentSpecSchema = z.strictObject({
  variants: z
    .record(nameSchema, variantSchema)
    .refine((variants) => Object.keys(variants).length > 0, 'a deployment has a variant'),
  policy: trafficPolicySchema,
  fallback: fallbackSchema.default({ cachedAnswers: 0 }),
})

export type DeploymentSpec = z.infer<typeof deploymentSpecSchema>
export type Variant = z.infer<typeof variantSchema>
export type Fallback = z.infer<typeof fallbackSchema>

const changeSchema = z.strictObject({
  /** Epoch milliseconds. */
  timeMs: z.number(),
  /** A person or key; `canary` where a canary decided. */
  by: z.string().min(1).max(200),
  action: z.enum(['create', 'update', 'advance', 'promote', 'rollBack']),
  reason: z.string().max(2000),
})

/** One version of a deployment. A version is never changed: the versions of a deployment are its audit trail. */
export const deploymentRecordSchema = z.strictObject({
  format: z.literal(1),
  name: nameSchema,
  /** From 1. */
  version: z.number().int().positive(),
  ...deploymentSpecSchema.shape,
  /** The version in which the policy began: what is counted belongs to it. */
  policyVersion: z.number().int().positive(),
  change: changeSchema,
})

export type DeploymentRecord = z.infer<typeof deploymentRecordSchema>
export type Change = z.infer<typeof changeSchema>

/** A specification with its defaults, whose parts fit together. @throws CONFIG_INVALID with the path of each problem */
export function parseDeploymentSpec(value: unknown): DeploymentSpec {
  const spec = parsedAs(deploymentSpecSchema, value, 'the deployment')
  const named = [...variantsOf(spec.policy), ...(spec.fallback.variant === undefined ? [] : [spec.fallback.variant])]
  const missing = named.filter((variant) => !Object.hasOwn(spec.variants, variant))
  if (missing.length === 0) return spec
  throw new FivefoldError('CONFIG_INVALID', `the policy names ${missing.join(', ')}, which is no variant`, {
    issues: missing.map((variant) => ({ path: ['variants', variant], message: 'missing' })),
    remedy: `Add it to the variants, or name one of ${Object.keys(spec.variants).join(', ')}.`,
  })
}
