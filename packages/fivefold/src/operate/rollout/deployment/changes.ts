import { FivefoldError } from '../../../core/index.ts'
import type { TrafficPolicy } from '../policy/traffic-policy.ts'
import type { DeploymentRecord, DeploymentSpec } from './deployment-record.ts'

/** The part of a record that an operator writes. */
export const specOf = ({ variants, policy, fallback }: DeploymentRecord): DeploymentSpec => ({
  variants,
  policy,
  fallback,
})

/** The policy with all requests, but for rules and shadows, going to one variant. */
export const allTo = (policy: TrafficPolicy, variant: string): TrafficPolicy => ({
  ...policy,
  traffic: { kind: 'single', variant },
})

/**
 * What a deployment becomes when the new is given everything.
 *
 * @throws OPTION_INVALID where the policy leaves open which variant that is, and none is named
 */
export function promoted(record: DeploymentRecord, variant?: string): DeploymentSpec {
  const { policy, variants } = record
  const chosen = variant ?? (policy.traffic.kind === 'canary' ? policy.traffic.canary : undefined)
  if (chosen === undefined || !Object.hasOwn(variants, chosen))
    throw new FivefoldError('OPTION_INVALID', `which variant of ${record.name} shall be promoted?`, {
      remedy: `Name one of ${Object.keys(variants).join(', ')}.`,
    })
  return { ...specOf(record), policy: allTo(policy, chosen) }
}

/**
 * What a deployment becomes when it is rolled back: a canary ends, anything else becomes what it was before its policy began.
 *
 * @throws STORE_CONFLICT where there was nothing before
 */
export function rolledBack(record: DeploymentRecord, history: readonly DeploymentRecord[]): DeploymentSpec {
  const { traffic } = record.policy
  if (traffic.kind === 'canary') return { ...specOf(record), policy: allTo(record.policy, traffic.stable) }
  const before = history.findLast(({ version }) => version < record.policyVersion)
  if (before) return withoutCanary(before)
  throw new FivefoldError('STORE_CONFLICT', `deployment ${record.name} has no earlier policy to go back to`, {
    remedy: 'Write the policy that you want instead.',
  })
}

/** Going back must not begin a canary anew: its stable version answers. */
function withoutCanary(record: DeploymentRecord): DeploymentSpec {
  const { traffic } = record.policy
  if (traffic.kind !== 'canary') return specOf(record)
  return { ...specOf(record), policy: allTo(record.policy, traffic.stable) }
}
