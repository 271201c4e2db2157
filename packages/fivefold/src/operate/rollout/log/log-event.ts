import { z } from 'zod'

const text = z.string().max(1000)

/** A request that was answered. */
const answered = z.strictObject({
  kind: z.literal('answer'),
  requestId: text,
  timeMs: z.number(),
  /** The version of the deployment in which its policy began. */
  policyVersion: z.number().int().positive(),
  variant: z.string(),
  group: z.enum(['canary', 'control', 'rest', 'arm', 'rule']),
  key: text.exactOptional(),
  context: z.array(z.number()).exactOptional(),
  latencyMs: z.number(),
  ok: z.boolean(),
})

/** What came of it. */
const outcome = z.strictObject({
  kind: z.literal('outcome'),
  requestId: text,
  timeMs: z.number(),
  name: z.string(),
  value: z.number(),
  covariate: z.number().exactOptional(),
})

export const logEventSchema = z.discriminatedUnion('kind', [answered, outcome])

export type AnswerEvent = z.infer<typeof answered>
export type OutcomeEvent = z.infer<typeof outcome>
export type LogEvent = z.infer<typeof logEventSchema>
