import { z } from 'zod'
import { FivefoldError } from '../../../core/index.ts'

/** Name of a deployment, a variant or an outcome. */
export const nameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'up to 64 letters, digits, ".", "_" or "-"')
const headerName = z.string().regex(/^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/, 'the name of a header in small letters')
const rate = z.number().gt(0).lt(1)
const weights = z
  .record(nameSchema, z.number().nonnegative().max(1e9))
  .refine((byName) => Object.values(byName).some((weight) => weight > 0), 'some weight is above 0')

const single = z.strictObject({ kind: z.literal('single'), variant: nameSchema })

/** Shares in proportion to weights, without a comparison. */
const split = z.strictObject({ kind: z.literal('split'), weights })

const goal = z.enum(['increase', 'decrease'])

const experimentMetric = z.strictObject({
  /** Name under which outcomes are reported. */
  name: nameSchema,
  goal,
})

/** A/B/n: shares in proportion to weights, each variant compared to the control at any time. */
const experiment = z.strictObject({
  kind: z.literal('experiment'),
  control: nameSchema,
  weights,
  metrics: z.array(experimentMetric).min(1).max(20),
  /** Probability that any comparison ever finds a difference where there is none, over all metrics and variants together. */
  alpha: rate.default(0.05),
  /** Units a variant at which intervals shall be the narrowest. */
  plannedUnits: z.number().int().positive().default(5000),
})

/** Bad events counted (errors, wrong answers, answers that were not clicked), or the mean of a number. */
const canaryOutcome = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('event'),
    name: nameSchema,
    /** `decrease`: a value other than 0 is bad; `increase`: 0 is. */
    goal,
    /** The canary may have up to this many times the bad events of its control. */
    tolerance: z.number().min(1).max(100).default(1),
    /** Promotion waits for so many outcomes of the canary. */
    required: z.number().int().nonnegative().default(0),
  }),
  z.strictObject({
    kind: z.literal('mean'),
    name: nameSchema,
    goal,
    /** The canary's mean may be worse by this much, in the units of the metric. */
    tolerance: z.number().nonnegative().default(0),
    required: z.number().int().nonnegative().default(0),
  }),
])

const canaryStage = z.strictObject({
  /** Share of all requests that the canary answers; its control gets as many. */
  share: z.number().gt(0).max(0.5),
  /** Answers of the canary before the next stage begins. */
  requests: z.number().int().positive(),
  /** A stage lasts at least this long. */
  atLeastMs: z.number().int().nonnegative().default(0),
})

const canary = z
  .strictObject({
    kind: z.literal('canary'),
    stable: nameSchema,
    canary: nameSchema,
    /** Growing shares; after the last one the canary takes everything. */
    stages: z.array(canaryStage).min(1).max(20),
    /** Probability that a canary that is no worse than tolerated is ever rolled back, over all criteria together. */
    maxFalseRollbackRate: rate.default(0.05),
    errors: z.strictObject({ tolerance: z.number().min(1).max(100).default(1) }).default({ tolerance: 1 }),
    latency: z
      .strictObject({
        quantile: z.number().min(0.5).max(0.999).default(0.95),
        /** The canary's quantile may be up to this many times its control's. */
        tolerance: z.number().min(1).max(100).default(1.2),
      })
      .default({ quantile: 0.95, tolerance: 1.2 }),
    outcomes: z.array(canaryOutcome).max(20).default([]),
  })
  .refine(
    ({ stages }) => stages.every((stage, i) => i === 0 || stage.share > stages[i - 1]!.share),
    'each stage has a larger share than the one before',
  )

const banditAlgorithm = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('epsilonGreedy'), epsilon: z.number().gt(0).max(1).default(0.1) }),
  /** Rewards of 0 or 1, or between. */
  z.strictObject({ name: z.literal('thompsonBeta') }),
  /** Any rewards. */
  z.strictObject({ name: z.literal('thompsonNormal') }),
  /** Rewards that depend on numbers known of the request. */
  z.strictObject({
    name: z.literal('linUcb'),
    dimensions: z.number().int().min(1).max(100),
    exploration: z.number().positive().default(1),
    /** The header that brings those numbers, separated by commas. */
    contextHeader: headerName,
  }),
])

const bandit = z.strictObject({
  kind: z.literal('bandit'),
  arms: z.array(nameSchema).min(2).max(50),
  /** The outcome that is the reward. */
  reward: nameSchema,
  algorithm: banditAlgorithm,
})

/** Who answers a request: plain data, the same in files and on the wire. */
export const trafficPolicySchema = z.strictObject({
  traffic: z.discriminatedUnion('kind', [single, split, experiment, canary, bandit]),
  /** The header whose value decides, so that the same user gets the same variant. Without it chance does, request by request. */
  stickyBy: headerName.exactOptional(),
  /** Requests that carry a header go to a variant, whatever the rest says. The first that fits counts. */
  rules: z
    .array(z.strictObject({ header: headerName, equals: z.string().max(200), variant: nameSchema }))
    .max(100)
    .default([]),
  /** Variants that get a copy of the request; their answers are compared and never returned. */
  shadows: z
    .array(z.strictObject({ variant: nameSchema, share: z.number().gt(0).max(1).default(1) }))
    .max(10)
    .default([]),
})

export type TrafficPolicy = z.infer<typeof trafficPolicySchema>
export type Traffic = TrafficPolicy['traffic']
export type CanaryPolicy = Extract<Traffic, { kind: 'canary' }>
export type ExperimentPolicy = Extract<Traffic, { kind: 'experiment' }>
export type BanditPolicy = Extract<Traffic, { kind: 'bandit' }>
export type Goal = z.infer<typeof goal>

/** A policy with its defaults filled in. @throws CONFIG_INVALID with the path of each problem */
export function parseTrafficPolicy(value: unknown): TrafficPolicy {
  return parsedAs(trafficPolicySchema, value, 'the traffic policy')
}

/** Checks plain data from outside. @throws the code, with the path of each problem */
export function parsedAs<T>(
  schema: z.ZodType<T>,
  value: unknown,
  what: string,
  code: 'CONFIG_INVALID' | 'REQUEST_INVALID' = 'CONFIG_INVALID',
): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => ({
    path: path.map((step) => (typeof step === 'number' ? step : String(step))),
    message,
  }))
  const [first] = issues
  throw new FivefoldError(code, `${what}: ${first?.path.join('.') || 'the whole'}: ${first?.message}`, {
    issues,
    remedy: 'Correct what the issues name; docs/rollout.md describes each key.',
  })
}

/**
 * Every variant that a policy names.
 * @public
 */
export function variantsOf({ traffic, rules, shadows }: TrafficPolicy): readonly string[] {
  const named = [...rules, ...shadows].map(({ variant }) => variant)
  return [...new Set([...trafficVariants(traffic), ...named])]
}

function trafficVariants(traffic: Traffic): readonly string[] {
  switch (traffic.kind) {
    case 'single':
      return [traffic.variant]
    case 'split':
      return Object.keys(traffic.weights)
    case 'experiment':
      return [traffic.control, ...Object.keys(traffic.weights)]
    case 'canary':
      return [traffic.stable, traffic.canary]
    case 'bandit':
      return traffic.arms
  }
}
