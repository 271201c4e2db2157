import { z } from 'zod'
import type { Rng } from '../../../core/index.ts'
import type { Recovered } from '../log/event-log.ts'
import type { RequestMemory } from '../log/request-memory.ts'
import { type DeploymentRecord, deploymentRecordSchema } from './deployment-record.ts'
import { createEvidence, type Evidence } from './evidence.ts'

/** What was learned under a version of the deployment. */
export interface Learned {
  readonly record: DeploymentRecord
  readonly evidence: Evidence
}

/** What was learned under the policy in force, and under the last one before it that had something to find out. */
export interface AllLearned {
  readonly current: Learned
  readonly concluded: Learned | undefined
}

const summarySchema = z.strictObject({
  policyVersion: z.number(),
  evidence: z.unknown(),
  concluded: z.strictObject({ record: deploymentRecordSchema, evidence: z.unknown() }).exactOptional(),
})

/** Plain data that `recall` goes on from. */
export function summaryOf({ current, concluded }: AllLearned): z.infer<typeof summarySchema> {
  return {
    ...{ policyVersion: current.record.policyVersion, evidence: current.evidence.toState() },
    ...(concluded ? { concluded: { record: concluded.record, evidence: concluded.evidence.toState() } } : {}),
  }
}

/** What the log of a deployment says: the stored summary, and what came after it. Fills the memory of requests. */
export function recall(record: DeploymentRecord, recovered: Recovered, requests: RequestMemory, rng: Rng): AllLearned {
  const { data: summary } = summarySchema.safeParse(recovered.summary)
  const isOfPolicy = summary?.policyVersion === record.policyVersion
  const evidence = evidenceOf(record, rng, isOfPolicy ? summary.evidence : undefined)
  replay(recovered, requests, { evidence, policyVersion: record.policyVersion, isOfPolicy })
  const before = summary?.concluded
  return {
    current: { record, evidence },
    concluded: before && { record: before.record, evidence: evidenceOf(before.record, rng, before.evidence) },
  }
}

/** Evidence under the policy of a version, with chance of its own. */
export const evidenceOf = ({ policy, version }: DeploymentRecord, rng: Rng, from?: unknown): Evidence =>
  createEvidence(policy, rng.fork(`policy/${version}`), from)

interface Replayed {
  readonly evidence: Evidence
  readonly policyVersion: number
  /** Whether the evidence holds what was summarised already. */
  readonly isOfPolicy: boolean
}

function replay(
  recovered: Recovered,
  requests: RequestMemory,
  { evidence, policyVersion, isOfPolicy }: Replayed,
): void {
  for (const { event, isSummarised } of recovered.events) {
    const known = event.kind === 'answer' ? undefined : requests.find(event.requestId)
    const isFirst = event.kind === 'answer' || known?.isFirst(event.name) === true
    if (event.kind === 'answer') requests.remember(event)
    const answer = event.kind === 'answer' ? event : known?.answer
    const isCounted = isSummarised && isOfPolicy
    if (!answer || !isFirst || isCounted || answer.policyVersion !== policyVersion) continue
    if (event.kind === 'answer') evidence.answer(event)
    else evidence.outcome(event, answer)
  }
}
