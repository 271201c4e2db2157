import { z } from 'zod'
import {
  type DeploymentRecord,
  type DeploymentSpec,
  deploymentSpecSchema,
} from '../../rollout/deployment/deployment-record.ts'
import { nameSchema } from '../../rollout/policy/traffic-policy.ts'
import { ERROR_SCHEMA } from '../protocols/predict/model-schema.ts'
import {
  answerOf,
  contentOf,
  objectOf,
  pathParameters,
  type RefusalStatus,
  refusalsOf,
  TEXT,
} from '../wire/describe-route.ts'
import type { JsonSchema } from '../wire/json-schema.ts'

const author = { by: z.string().min(1).max(200), reason: z.string().max(2000).default('') }

export const authorSchema = z.strictObject(author)
export const promoteSchema = z.strictObject({ ...author, variant: z.string().exactOptional() })
export const updateSchema = z.strictObject({
  ...author,
  spec: z.unknown(),
  expectedVersion: z.number().int().positive().exactOptional(),
})
export const outcomesSchema = z.strictObject({
  outcomes: z
    .array(
      z.strictObject({
        requestId: z.string().min(1).max(200),
        name: nameSchema,
        value: z.number(),
        covariate: z.number().exactOptional(),
      }),
    )
    .min(1)
    .max(10_000),
})

/** How much JSON those hold at most. */
export const OUTCOMES_BOUNDS = { containers: 10_100, elements: 10_100, keys: 40_100, names: 100 } as const
export const CHANGE_BOUNDS = { containers: 10_000, elements: 10_000, keys: 20_000, names: 10_000 } as const

interface DescribedRoute {
  readonly summary: string
  readonly answer: object
  readonly statuses: readonly RefusalStatus[]
  body?(deployment: DeploymentRecord | undefined): object
}

const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items })
const RECORD: JsonSchema = {
  type: 'object',
  required: ['name', 'version', 'variants', 'policy', 'fallback', 'change'],
}
const READ = [404, 415, 500, 503] as const
const WRITE = [400, 404, 409, 413, 415, 500, 503] as const

/** The schema of a body as its sender sees it: what has a default may be left out. */
function bodyOf(schema: z.ZodType, example: object | undefined): object {
  const { $schema, ...json } = z.toJSONSchema(schema, { io: 'input' })
  return contentOf({ ...json, ...(example ? { examples: [example] } : {}) })
}

const EXAMPLE_AUTHOR = { by: 'anna', reason: 'looks good' }

const ROUTES = {
  list: {
    summary: 'Names of the deployments',
    answer: answerOf('Names.', objectOf({ deployments: list(TEXT) })),
    statuses: [415, 500],
  },
  show: {
    summary: 'A deployment with what was learned',
    answer: answerOf(
      'Policy, counts and verdicts; null is what is not known.',
      objectOf({ record: RECORD, shadows: {} }),
    ),
    statuses: READ,
  },
  history: {
    summary: 'All versions, oldest first',
    answer: answerOf('Each with who made it, when and why.', objectOf({ versions: list(RECORD) })),
    statuses: READ,
  },
  page: {
    summary: 'The report as a page',
    answer: answerOf('One file that loads nothing.', TEXT, 'text/html'),
    statuses: READ,
  },
  outcomes: {
    summary: 'What came of answered requests',
    answer: answerOf(
      'Those that no deployment remembers are named.',
      objectOf({ recorded: { type: 'integer' }, unknown: list(TEXT) }),
    ),
    statuses: [400, 404, 413, 415, 500, 503],
    body: () => bodyOf(outcomesSchema, { outcomes: [{ requestId: 'a1', name: 'clicked', value: 1 }] }),
  },
  update: {
    summary: 'Change a deployment',
    answer: answerOf('The new version.', RECORD),
    statuses: WRITE,
    body: (deployment) =>
      bodyOf(
        z.strictObject({ ...updateSchema.shape, spec: deploymentSpecSchema }),
        deployment && { ...EXAMPLE_AUTHOR, spec: specOf(deployment) },
      ),
  },
  promote: {
    summary: 'Give everything to a variant',
    answer: answerOf('The new version.', RECORD),
    statuses: WRITE,
    body: (deployment) =>
      bodyOf(promoteSchema, deployment && { ...EXAMPLE_AUTHOR, variant: Object.keys(deployment.variants)[0] }),
  },
  rollback: {
    summary: 'Back to what was before',
    answer: answerOf('The new version.', RECORD),
    statuses: WRITE,
    body: (deployment) => bodyOf(authorSchema, deployment && EXAMPLE_AUTHOR),
  },
} as const satisfies Record<string, DescribedRoute>

const specOf = ({ variants, policy, fallback }: DeploymentSpec): DeploymentSpec => ({ variants, policy, fallback })

/** @param deployment that examples are for; of routes that are about one */
export function deploymentSchema(of: keyof typeof ROUTES, deployment?: DeploymentRecord): object {
  const { summary, answer, statuses, body }: DescribedRoute = ROUTES[of]
  const isOfOne = of !== 'list' && of !== 'outcomes'
  return {
    ...{ tags: ['deployments'], summary },
    ...(isOfOne ? { params: pathParameters(['name'], { name: deployment?.name }) } : {}),
    ...(body ? { body: body(deployment) } : {}),
    response: { 200: answer, ...refusalsOf(ERROR_SCHEMA, statuses) },
  }
}
