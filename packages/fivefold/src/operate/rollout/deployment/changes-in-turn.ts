import { isDeepStrictEqual } from 'node:util'
import type { Context } from '../../../core/index.ts'
import { type EventLog, warnOfLog } from '../log/event-log.ts'
import type { Change, DeploymentRecord, DeploymentSpec } from './deployment-record.ts'
import type { DeploymentStore } from './deployment-store.ts'
import type { InForce } from './in-force.ts'

export interface ChangesOptions {
  readonly store: DeploymentStore
  readonly name: string
  readonly context: Context
  readonly log: EventLog
  readonly inForce: InForce
}

/** Stores a version and routes by it. `expectedVersion` is the one in force where absent. @throws STORE_CONFLICT */
export type WriteVersion = (
  spec: DeploymentSpec,
  change: Omit<Change, 'timeMs'>,
  expectedVersion?: number,
) => Promise<DeploymentRecord>

/** Changes of a deployment, one after another: each is made from what the one before it left. */
export interface ChangesInTurn {
  inTurn<T>(work: (write: WriteVersion) => Promise<T>): Promise<T>
  /** Resolves once all changes so far are stored, or failed. */
  settled(): Promise<void>
}

export function createChangesInTurn({ store, name, context, log, inForce }: ChangesOptions): ChangesInTurn {
  let changing: Promise<unknown> = Promise.resolve()

  const write: WriteVersion = async (spec, change, expectedVersion) => {
    const { version, policyVersion, policy } = inForce.record()
    const keepsPolicy = isDeepStrictEqual(spec.policy, policy)
    const record = await store.write(name, {
      ...{ spec, expectedVersion: expectedVersion ?? version },
      change: { timeMs: context.clock.nowMs(), ...change },
      ...(keepsPolicy ? { policyVersion } : {}),
    })
    inForce.adopt(record)
    // What the earlier policy found out outlives its log.
    if (!keepsPolicy) await log.summarise().catch((thrown: unknown) => warnOfLog(context, name, thrown))
    return record
  }
  return {
    inTurn: (work) => {
      const result = changing.then(() => work(write))
      changing = result.catch(() => {})
      return result
    },
    settled: async () => {
      await changing
    },
  }
}
