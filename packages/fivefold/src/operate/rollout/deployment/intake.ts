import { z } from 'zod'
import { type Context, FivefoldError } from '../../../core/index.ts'
import { type EventLog, warnOfLog } from '../log/event-log.ts'
import type { AnswerEvent } from '../log/log-event.ts'
import type { RequestMemory } from '../log/request-memory.ts'
import { nameSchema, parsedAs } from '../policy/traffic-policy.ts'
import type { Decide } from './canary-decisions.ts'
import type { DeploymentRoute, InForce } from './in-force.ts'

export interface Answered {
  readonly requestId: string
  readonly route: DeploymentRoute
  readonly latencyMs: number
  /** False where the variant failed, whether or not something else answered in its place. */
  readonly ok: boolean
}

export interface Outcome {
  readonly name: string
  readonly value: number
  /** What was known of the unit before, for CUPED. */
  readonly covariate?: number
}

export interface IntakeOptions {
  readonly name: string
  readonly context: Context
  readonly log: EventLog
  readonly requests: RequestMemory
  readonly inForce: InForce
  readonly decide: Decide
}

/** Where answers and outcomes come in: each is remembered or found, counted under its policy, and logged. */
export interface Intake {
  recordAnswer(answered: Answered): void
  remembers(requestId: string): boolean
  /** @throws REQUEST_NOT_FOUND, REQUEST_INVALID, STORE_UNAVAILABLE */
  recordOutcome(requestId: string, outcome: Outcome): Promise<void>
}

const outcomeSchema = z.strictObject({
  name: nameSchema,
  value: z.number(),
  covariate: z.number().exactOptional(),
})

export function createIntake({ name, context, log, requests, inForce, decide }: IntakeOptions): Intake {
  const isOfPolicy = ({ policyVersion }: AnswerEvent): boolean => policyVersion === inForce.record().policyVersion
  return {
    recordAnswer: (answered) => {
      const event = answerEvent(answered, context.clock.nowMs())
      requests.remember(event)
      log.append(event, 'soon').catch((thrown: unknown) => warnOfLog(context, name, thrown))
      if (isOfPolicy(event)) decide(inForce.evidence().answer(event))
    },
    remembers: (requestId) => requests.find(requestId) !== undefined,
    recordOutcome: async (requestId, outcome) => {
      const checked = parsedAs(outcomeSchema, outcome, 'the outcome', 'REQUEST_INVALID')
      const request = requests.find(requestId)
      if (!request) throw unknownRequest(requestId)
      if (!request.isFirst(checked.name)) return
      const event = { kind: 'outcome' as const, requestId, timeMs: context.clock.nowMs(), ...checked }
      if (isOfPolicy(request.answer)) decide(inForce.evidence().outcome(event, request.answer))
      await log.append(event, 'now')
    },
  }
}

const MOST_KEY_CHARACTERS = 1000

function answerEvent({ requestId, route, latencyMs, ok }: Answered, timeMs: number): AnswerEvent {
  const { variant, group, key, context, policyVersion } = route
  return {
    ...{ kind: 'answer', requestId, timeMs, policyVersion, variant, group, latencyMs, ok },
    ...(key === undefined ? {} : { key: key.slice(0, MOST_KEY_CHARACTERS) }),
    ...(context ? { context: [...context] } : {}),
  }
}

function unknownRequest(requestId: string): FivefoldError {
  return new FivefoldError('REQUEST_NOT_FOUND', `no answered request '${requestId.slice(0, 128)}' is remembered`)
}
