import type { Context } from '../../../core/index.ts'
import type { CanaryDecision } from '../canary/canary.ts'
import { promoted, rolledBack, specOf } from './changes.ts'
import type { ChangesInTurn } from './changes-in-turn.ts'
import type { DeploymentRecord, DeploymentSpec } from './deployment-record.ts'
import type { InForce } from './in-force.ts'

export interface DecisionsOptions {
  readonly name: string
  readonly context: Context
  readonly inForce: InForce
  readonly changes: ChangesInTurn
}

/** Carries a decision out: it is routed by at once, and stored in its turn. */
export type Decide = (decision: CanaryDecision) => void

export function createDecisions({ name, context, inForce, changes }: DecisionsOptions): Decide {
  const store = async ({ action, reason }: Decided, policyVersion: number): Promise<void> => {
    const change = { by: 'canary', action, reason: reason.slice(0, 2000) }
    await changes.inTurn(async (write) => {
      const record = inForce.record()
      // Whoever wrote another policy meanwhile has the last word.
      if (record.policyVersion !== policyVersion) return
      await write(decidedSpec(record, action), change)
      context.log.info('deployment changed', { deployment: name, ...change })
    })
  }
  return (decision) => {
    if (decision.action === 'continue') return
    const record = inForce.record()
    if (decision.action === 'advance') inForce.reroute()
    else inForce.divert(decidedSpec(record, decision.action).policy)
    store(decision, record.policyVersion).catch((thrown: unknown) => {
      const reason = String(thrown)
      context.log.warn('a decision could not be stored; it holds in this process', { deployment: name, reason })
    })
  }
}

type Decided = Exclude<CanaryDecision, { action: 'continue' }>

function decidedSpec(record: DeploymentRecord, action: Decided['action']): DeploymentSpec {
  if (action === 'advance') return specOf(record)
  return action === 'promote' ? promoted(record) : rolledBack(record, [])
}

/** Of a canary that had decided when the process died, before the decision was stored; `continue` elsewhere. */
export function interruptedDecision(inForce: InForce): CanaryDecision {
  const status = inForce.evidence().canaryStatus()
  const reason = 'decided before the last stop'
  if (inForce.record().policy.traffic.kind !== 'canary') return { action: 'continue' }
  if (status === 'promoted') return { action: 'promote', reason }
  return status === 'rolledBack' ? { action: 'rollBack', criterion: '', reason } : { action: 'continue' }
}
