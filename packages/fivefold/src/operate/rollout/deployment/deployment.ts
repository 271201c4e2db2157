import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { type Context, FivefoldError } from '../../../core/index.ts'
import type { CanaryDecision } from '../canary/canary.ts'
import { type EventLog, openEventLog, type Recovered } from '../log/event-log.ts'
import type { AnswerEvent } from '../log/log-event.ts'
import { createRequestMemory, type RequestMemory } from '../log/request-memory.ts'
import { createRouter, type RequestHeaders, type Route, type Router } from '../policy/router.ts'
import { nameSchema, parsedAs } from '../policy/traffic-policy.ts'
import { promoted, rolledBack, specOf } from './changes.ts'
import {
  type Change,
  type DeploymentRecord,
  type DeploymentSpec,
  deploymentRecordSchema,
  parseDeploymentSpec,
} from './deployment-record.ts'
import type { DeploymentStore } from './deployment-store.ts'
import { createEvidence, type Evidence, type EvidenceReport } from './evidence.ts'

export interface DeploymentOptions {
  readonly store: DeploymentStore
  readonly name: string
  /** Folder for the log of answers and outcomes. One process writes it. */
  readonly logDir: string
  readonly context: Context
  /** Answered requests that are remembered for their outcomes. Default 200,000. */
  readonly rememberedRequests?: number
}

/** Who changes a deployment and why. */
export interface Author {
  readonly by: string
  readonly reason?: string
}

/** A route, and the version in which the policy began that it was chosen by. */
export interface DeploymentRoute extends Route {
  readonly policyVersion: number
}

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

export interface DeploymentReport extends EvidenceReport {
  readonly record: DeploymentRecord
  /** The last policy that had something to find out, with what came of it; absent where there was none yet. */
  readonly concluded?: ConcludedReport
}

export interface ConcludedReport extends EvidenceReport {
  readonly record: DeploymentRecord
}

/** A named endpoint whose traffic is divided by a policy, and that learns from answers and outcomes. */
export interface Deployment {
  readonly name: string
  record(): DeploymentRecord
  /** Who answers a request with these headers. */
  route(headers?: RequestHeaders): DeploymentRoute
  recordAnswer(answered: Answered): void
  /** Whether outcomes of that request can be reported. */
  remembers(requestId: string): boolean
  /**
   * What came of an answered request; resolves once it is on disk. A name that was reported before for this request is not
   * counted again.
   *
   * @throws REQUEST_NOT_FOUND, REQUEST_INVALID, STORE_UNAVAILABLE
   */
  recordOutcome(requestId: string, outcome: Outcome): Promise<void>
  /** Replaces variants, policy and fallback. @throws CONFIG_INVALID; STORE_CONFLICT where `expectedVersion` is not the latest */
  update(spec: unknown, author: Author, expectedVersion?: number): Promise<DeploymentRecord>
  /** Gives everything to a variant: the canary where none is named. @throws OPTION_INVALID, STORE_CONFLICT */
  promote(author: Author, variant?: string): Promise<DeploymentRecord>
  /** Ends a canary, or brings back what was before this policy. @throws STORE_CONFLICT where there was nothing before */
  rollBack(author: Author): Promise<DeploymentRecord>
  /** All versions with who made them, when and why; oldest first. */
  history(): Promise<readonly DeploymentRecord[]>
  report(): DeploymentReport
  /** Resolves once every decision of a canary so far is stored. */
  settled(): Promise<void>
  close(): Promise<void>
}

const REMEMBERED_REQUESTS = 200_000

const outcomeSchema = z.strictObject({
  name: nameSchema,
  value: z.number(),
  covariate: z.number().exactOptional(),
})

/**
 * Opens a deployment of the store, with what its log holds of the policy's time.
 *
 * @throws DEPLOYMENT_NOT_FOUND; STORE_CONFLICT where another process has it open; STORE_UNAVAILABLE
 */
export async function openDeployment(options: DeploymentOptions): Promise<Deployment> {
  const { store, name, logDir } = options
  const record = await store.read(name)
  let running: RunningDeployment | undefined
  const { log, recovered } = await openEventLog({
    ...{ dir: join(logDir, name), context: options.context },
    summarise: () => running?.summary(),
  })
  try {
    running = createRunning(options, record, log, recovered)
    await running.deployment.settled()
    return running.deployment
  } catch (thrown) {
    await log.close()
    throw thrown
  }
}

interface RunningDeployment {
  readonly deployment: Deployment
  summary(): unknown
}

/** What was learned under a version of the deployment. */
interface Learned {
  readonly record: DeploymentRecord
  readonly evidence: Evidence
}

/** What changes with the policy. */
interface Current extends Learned {
  readonly router: Router
}

function createRunning(
  options: DeploymentOptions,
  first: DeploymentRecord,
  log: EventLog,
  recovered: Recovered,
): RunningDeployment {
  const { store, name, context } = options
  const rng = context.rng.fork(`deployment/${name}`)
  const chance = rng.fork('routes')
  const requests = createRequestMemory(options.rememberedRequests ?? REMEMBERED_REQUESTS)
  let current = currentOf(first, replay(first, recovered, requests, rng), name)
  let concluded = concludedBefore(recovered.summary, rng)
  let changing: Promise<unknown> = Promise.resolve()

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = changing.then(work)
    changing = result.catch(() => {})
    return result
  }
  const adopt = (record: DeploymentRecord): DeploymentRecord => {
    const keepsPolicy = record.policyVersion === current.record.policyVersion
    if (!keepsPolicy && current.evidence.isStudy) concluded = current
    const evidence = keepsPolicy
      ? current.evidence
      : createEvidence(record.policy, rng.fork(`policy/${record.version}`))
    current = currentOf(record, evidence, name)
    return record
  }
  const write = async (spec: DeploymentSpec, change: Omit<Change, 'timeMs'>, expectedVersion: number) => {
    const { policyVersion, policy } = current.record
    const keepsPolicy = isDeepStrictEqual(spec.policy, policy)
    const record = adopt(
      await store.write(name, {
        ...{ spec, expectedVersion, change: { timeMs: context.clock.nowMs(), ...change } },
        ...(keepsPolicy ? { policyVersion } : {}),
      }),
    )
    // What the earlier policy found out outlives its log.
    if (!keepsPolicy) await log.summarise().catch((thrown: unknown) => warnOfLog(context, name, thrown))
    return record
  }
  const decide = (decision: CanaryDecision): void => {
    if (decision.action === 'continue') return
    // Routed by at once; stored in its turn.
    if (decision.action === 'advance') current = currentOf(current.record, current.evidence, name)
    else
      current = {
        ...current,
        router: createRouter(decidedSpec(current.record, decision.action).policy, { salt: name }),
      }
    const { policyVersion } = current.record
    const { action, reason } = decision
    inTurn(async () => {
      // Whoever wrote another policy meanwhile has the last word.
      if (current.record.policyVersion !== policyVersion) return
      const change = { by: 'canary', action, reason: reason.slice(0, 2000) }
      await write(decidedSpec(current.record, action), change, current.record.version)
      context.log.info('deployment changed', { deployment: name, ...change })
    }).catch((thrown: unknown) => {
      context.log.warn('a decision could not be stored; it holds in this process', {
        deployment: name,
        reason: String(thrown),
      })
    })
  }
  finishInterrupted(current, decide)

  const deployment: Deployment = {
    name,
    record: () => current.record,
    route: (headers = {}) => ({
      ...current.router({ headers, random: chance.next() }),
      policyVersion: current.record.policyVersion,
    }),
    recordAnswer: ({ requestId, route, latencyMs, ok }) => {
      const { variant, group, key, context: numbers, policyVersion } = route
      const event: AnswerEvent = {
        ...{ kind: 'answer', requestId, timeMs: context.clock.nowMs(), policyVersion },
        ...{ variant, group, latencyMs, ok },
        ...(key === undefined ? {} : { key: key.slice(0, 1000) }),
        ...(numbers ? { context: [...numbers] } : {}),
      }
      requests.remember(event)
      log.append(event, 'soon').catch((thrown: unknown) => warnOfLog(context, name, thrown))
      if (policyVersion === current.record.policyVersion) decide(current.evidence.answer(event))
    },
    remembers: (requestId) => requests.find(requestId) !== undefined,
    recordOutcome: async (requestId, outcome) => {
      const checked = parsedAs(outcomeSchema, outcome, 'the outcome', 'REQUEST_INVALID')
      const request = requests.find(requestId)
      if (!request) throw unknownRequest(requestId)
      if (!request.isFirst(checked.name)) return
      const event = { kind: 'outcome' as const, requestId, timeMs: context.clock.nowMs(), ...checked }
      if (request.answer.policyVersion === current.record.policyVersion)
        decide(current.evidence.outcome(event, request.answer))
      await log.append(event, 'now')
    },
    update: (spec, { by, reason = '' }, expectedVersion) =>
      inTurn(() => {
        const checked = parseDeploymentSpec(spec)
        return write(checked, { by, reason, action: 'update' }, expectedVersion ?? current.record.version)
      }),
    promote: ({ by, reason = '' }, variant) =>
      inTurn(() => write(promoted(current.record, variant), { by, reason, action: 'promote' }, current.record.version)),
    rollBack: ({ by, reason = '' }) =>
      inTurn(async () => {
        const spec = rolledBack(current.record, await store.history(name))
        return write(spec, { by, reason, action: 'rollBack' }, current.record.version)
      }),
    history: () => store.history(name),
    report: () => ({
      ...{ record: current.record, ...current.evidence.report() },
      ...(concluded ? { concluded: { record: concluded.record, ...concluded.evidence.report() } } : {}),
    }),
    settled: async () => {
      await changing
    },
    close: async () => {
      await changing
      await log.close()
    },
  }
  return {
    deployment,
    summary: () => ({
      ...{ policyVersion: current.record.policyVersion, evidence: current.evidence.toState() },
      ...(concluded ? { concluded: { record: concluded.record, evidence: concluded.evidence.toState() } } : {}),
    }),
  }
}

function currentOf(record: DeploymentRecord, evidence: Evidence, salt: string): Current {
  const share = evidence.canaryShare()
  const { bandit } = evidence
  const router = createRouter(record.policy, {
    salt,
    ...(share === undefined ? {} : { canaryShare: share }),
    ...(bandit ? { chooseArm: (numbers?: readonly number[]) => bandit.choose(numbers) } : {}),
  })
  return { record, evidence, router }
}

function decidedSpec(record: DeploymentRecord, action: 'advance' | 'promote' | 'rollBack'): DeploymentSpec {
  if (action === 'advance') return specOf(record)
  return action === 'promote' ? promoted(record) : rolledBack(record, [])
}

const summarySchema = z.strictObject({
  policyVersion: z.number(),
  evidence: z.unknown(),
  concluded: z.strictObject({ record: deploymentRecordSchema, evidence: z.unknown() }).exactOptional(),
})

function concludedBefore(summary: unknown, rng: Context['rng']): Learned | undefined {
  const stored = summarySchema.safeParse(summary).data?.concluded
  return stored && { record: stored.record, evidence: createEvidence(stored.record.policy, rng, stored.evidence) }
}

/** The evidence of the policy as it was: the stored summary, and what came after it. */
function replay(
  record: DeploymentRecord,
  recovered: Recovered,
  requests: RequestMemory,
  rng: Context['rng'],
): Evidence {
  const summary = summarySchema.safeParse(recovered.summary)
  const isOfPolicy = summary.success && summary.data.policyVersion === record.policyVersion
  const own = rng.fork(`policy/${record.version}`)
  const evidence = createEvidence(record.policy, own, isOfPolicy ? summary.data.evidence : undefined)
  for (const { event, isSummarised } of recovered.events) {
    const answer = event.kind === 'answer' ? event : requests.find(event.requestId)?.answer
    const isFirst = event.kind === 'answer' || requests.find(event.requestId)?.isFirst(event.name) === true
    if (event.kind === 'answer') requests.remember(event)
    const isKnown = isSummarised && isOfPolicy
    if (!answer || !isFirst || isKnown || answer.policyVersion !== record.policyVersion) continue
    if (event.kind === 'answer') evidence.answer(event)
    else evidence.outcome(event, answer)
  }
  return evidence
}

/** A canary that had decided when the process died, before the decision was stored. */
function finishInterrupted({ record, evidence }: Current, decide: (decision: CanaryDecision) => void): void {
  const status = evidence.canaryStatus()
  if (record.policy.traffic.kind !== 'canary' || status === undefined || status === 'running') return
  const reason = 'decided before the last stop'
  decide(status === 'promoted' ? { action: 'promote', reason } : { action: 'rollBack', criterion: '', reason })
}

function unknownRequest(requestId: string): FivefoldError {
  return new FivefoldError('REQUEST_NOT_FOUND', `no answered request '${requestId.slice(0, 128)}' is remembered`)
}

function warnOfLog(context: Context, deployment: string, thrown: unknown): void {
  context.log.warn('answers could not be logged; what is learned from them is lost at the next start', {
    ...{ deployment, reason: thrown instanceof Error ? thrown.message : String(thrown) },
  })
}
