import { join } from 'node:path'
import type { Context } from '../../../core/index.ts'
import { type EventLog, openEventLog, type Recovered } from '../log/event-log.ts'
import { createRequestMemory } from '../log/request-memory.ts'
import type { RequestHeaders } from '../policy/router.ts'
import { createDecisions, interruptedDecision } from './canary-decisions.ts'
import { promoted, rolledBack } from './changes.ts'
import { type ChangesInTurn, createChangesInTurn } from './changes-in-turn.ts'
import { type DeploymentRecord, parseDeploymentSpec } from './deployment-record.ts'
import type { DeploymentStore } from './deployment-store.ts'
import type { EvidenceReport } from './evidence.ts'
import { createInForce, type DeploymentRoute, type InForce } from './in-force.ts'
import { type Answered, createIntake, type Intake, type Outcome } from './intake.ts'
import { recall, summaryOf } from './learned.ts'

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

/**
 * Opens a deployment of the store, with what its log holds of the policy's time.
 *
 * @throws DEPLOYMENT_NOT_FOUND; STORE_CONFLICT where another process has it open; STORE_UNAVAILABLE
 */
export async function openDeployment(options: DeploymentOptions): Promise<Deployment> {
  const { store, name, logDir, context } = options
  const record = await store.read(name)
  let parts: Parts | undefined
  const { log, recovered } = await openEventLog({
    ...{ dir: join(logDir, name), context },
    summarise: () => parts && summaryOf(parts.inForce.learned()),
  })
  try {
    parts = assemble(options, record, log, recovered)
    await parts.changes.settled()
    return deploymentOf(options, parts)
  } catch (thrown) {
    await log.close()
    throw thrown
  }
}

interface Parts {
  readonly log: EventLog
  readonly inForce: InForce
  readonly changes: ChangesInTurn
  readonly intake: Intake
}

function assemble(options: DeploymentOptions, record: DeploymentRecord, log: EventLog, recovered: Recovered): Parts {
  const { store, name, context, rememberedRequests = REMEMBERED_REQUESTS } = options
  const rng = context.rng.fork(`deployment/${name}`)
  const requests = createRequestMemory(rememberedRequests)
  const inForce = createInForce(name, recall(record, recovered, requests, rng), rng)
  const changes = createChangesInTurn({ store, name, context, log, inForce })
  const decide = createDecisions({ name, context, inForce, changes })
  decide(interruptedDecision(inForce))
  return { log, inForce, changes, intake: createIntake({ name, context, log, requests, inForce, decide }) }
}

function deploymentOf({ name, store }: DeploymentOptions, { log, inForce, changes, intake }: Parts): Deployment {
  const { inTurn } = changes
  return {
    name,
    record: inForce.record,
    route: (headers = {}) => inForce.route(headers),
    ...intake,
    update: (spec, { by, reason = '' }, expectedVersion) =>
      inTurn(async (write) => write(parseDeploymentSpec(spec), { by, reason, action: 'update' }, expectedVersion)),
    promote: ({ by, reason = '' }, variant) =>
      inTurn(async (write) => write(promoted(inForce.record(), variant), { by, reason, action: 'promote' })),
    rollBack: ({ by, reason = '' }) =>
      inTurn(async (write) => {
        const spec = rolledBack(inForce.record(), await store.history(name))
        return write(spec, { by, reason, action: 'rollBack' })
      }),
    history: () => store.history(name),
    report: () => reportOf(inForce),
    settled: changes.settled,
    close: async () => {
      await changes.settled()
      await log.close()
    },
  }
}

function reportOf(inForce: InForce): DeploymentReport {
  const { current, concluded } = inForce.learned()
  return {
    ...{ record: current.record, ...current.evidence.report() },
    ...(concluded ? { concluded: { record: concluded.record, ...concluded.evidence.report() } } : {}),
  }
}
