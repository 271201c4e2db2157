import type { DeploymentRecord, DeploymentSpec, ServerDescription, Weights } from '../../client/serving-wire.ts'
import { describeTraffic } from './traffic-rows.ts'

/** Whether something can be done to a deployment now: with what comes of it, or with the reason why not. */
export type Possible =
  | { readonly can: true; readonly effect: string }
  | { readonly can: false; readonly reason: string }

export interface DeploymentActions {
  readonly promote: Possible
  readonly rollBack: Possible
  readonly weights: Possible
}

type Changes = ServerDescription['changes']

/** @param history all versions, oldest first */
export function deploymentActions(
  record: DeploymentRecord,
  history: readonly DeploymentRecord[],
  changes: Changes,
): DeploymentActions {
  if (!changes.areAllowed) {
    const not = { can: false, reason: changes.reason } as const
    return { promote: not, rollBack: not, weights: not }
  }
  return { promote: promotion(record), rollBack: rollBack(record, history), weights: reweighing(record) }
}

function promotion({ variants, policy: { traffic } }: DeploymentRecord): Possible {
  const names = Object.keys(variants)
  if (traffic.kind === 'single' && names.length === 1)
    return { can: false, reason: `${traffic.variant} is the only variant, and answers everything already.` }
  return { can: true, effect: 'The chosen variant answers everything from now on.' }
}

/** As the server does it: a canary ends, anything else becomes what it was before its policy began. */
function rollBack(
  { policy: { traffic }, policyVersion }: DeploymentRecord,
  history: readonly DeploymentRecord[],
): Possible {
  if (traffic.kind === 'canary') return { can: true, effect: `The canary ends: ${traffic.stable} answers everything.` }
  const before = history.findLast(({ version }) => version < policyVersion)
  if (!before) return { can: false, reason: 'There is no earlier policy to go back to.' }
  const { traffic: earlier } = before.policy
  const answers = earlier.kind === 'canary' ? `${earlier.stable} answers everything` : describeTraffic(earlier)
  return { can: true, effect: `Back to version ${before.version}: ${answers}.` }
}

function reweighing({ variants, policy: { traffic } }: DeploymentRecord): Possible {
  if (Object.keys(variants).length < 2) return { can: false, reason: 'There is one variant: nothing to divide.' }
  if (traffic.kind === 'canary')
    return { can: false, reason: 'The stages of the canary say its share. Promote it or roll it back first.' }
  if (traffic.kind === 'bandit') return { can: false, reason: 'The bandit divides the requests by what it learns.' }
  return traffic.kind === 'experiment'
    ? {
        can: true,
        effect: 'The experiment begins anew: what was learned so far belongs to the weights it was learned under.',
      }
    : { can: true, effect: 'The requests are divided by weight from now on.' }
}

/** The weights of every variant now, in percent. */
export function currentWeights({ variants, policy: { traffic } }: DeploymentRecord): Weights {
  const given: Weights =
    traffic.kind === 'single'
      ? { [traffic.variant]: 1 }
      : traffic.kind === 'split' || traffic.kind === 'experiment'
        ? traffic.weights
        : {}
  const total = Object.values(given).reduce((sum, weight) => sum + weight, 0) || 1
  const percent = (variant: string): number => (Object.hasOwn(given, variant) ? given[variant]! : 0) / total
  return Object.fromEntries(Object.keys(variants).map((name) => [name, Number((percent(name) * 100).toFixed(4))]))
}

/** What a deployment becomes when its requests are divided anew; an experiment stays one. */
export function withWeights(record: DeploymentRecord, weights: Weights): DeploymentSpec {
  const { variants, policy, fallback } = record
  const traffic =
    policy.traffic.kind === 'experiment' ? { ...policy.traffic, weights } : { kind: 'split' as const, weights }
  return { variants, policy: { ...policy, traffic }, fallback }
}

/** Why these weights cannot be sent; undefined where they can. */
export function weightsFault(record: DeploymentRecord, weights: Weights): string | undefined {
  const values = Object.values(weights)
  if (!values.every((weight) => Number.isFinite(weight) && weight >= 0)) return 'Weights are numbers from 0 on.'
  if (values.every((weight) => weight === 0)) return 'Some variant has to answer.'
  const { traffic } = record.policy
  if (traffic.kind === 'experiment' && (weights[traffic.control] ?? 0) === 0)
    return `${traffic.control} is the control of the experiment: without it there is nothing to compare to.`
  const before = currentWeights(record)
  const share = (of: Weights, name: string): number =>
    (of[name] ?? 0) / Object.values(of).reduce((sum, weight) => sum + weight, 0)
  const isSame = Object.keys(before).every((name) => Math.abs(share(before, name) - share(weights, name)) < 1e-9)
  return isSame ? 'These are the weights now.' : undefined
}

/** Variants that can be given everything, the one to expect first: the canary, else one that does not have it already. */
export function promotable({ variants, policy: { traffic } }: DeploymentRecord): string[] {
  const names = Object.keys(variants)
  if (traffic.kind === 'canary') return [traffic.canary, ...names.filter((name) => name !== traffic.canary)]
  return traffic.kind === 'single' ? names.filter((name) => name !== traffic.variant) : names
}
