import type { Rng } from '../../../core/index.ts'
import { createRouter, type RequestHeaders, type Route, type Router } from '../policy/router.ts'
import type { TrafficPolicy } from '../policy/traffic-policy.ts'
import type { DeploymentRecord } from './deployment-record.ts'
import type { Evidence } from './evidence.ts'
import { type AllLearned, evidenceOf } from './learned.ts'

/** A route, and the version in which the policy began that it was chosen by. */
export interface DeploymentRoute extends Route {
  readonly policyVersion: number
}

/** What requests are routed by now, with what was learned of it. Knows neither disk nor clock. */
export interface InForce {
  record(): DeploymentRecord
  evidence(): Evidence
  learned(): AllLearned
  route(headers: RequestHeaders): DeploymentRoute
  /** Takes over a version that has been stored; evidence goes on where its policy does. */
  adopt(record: DeploymentRecord): void
  /** Routes by what the evidence says now: a canary's share has grown. */
  reroute(): void
  /** Routes by a policy that is decided and not yet stored. */
  divert(policy: TrafficPolicy): void
}

/** @param rng of the deployment */
export function createInForce(name: string, learned: AllLearned, rng: Rng): InForce {
  const chance = rng.fork('routes')
  let { current, concluded } = learned
  let router = routerOf(current.record.policy, name, current.evidence)
  const reroute = (): void => {
    router = routerOf(current.record.policy, name, current.evidence)
  }
  return {
    record: () => current.record,
    evidence: () => current.evidence,
    learned: () => ({ current, concluded }),
    route: (headers) => ({
      ...router({ headers, random: chance.next() }),
      policyVersion: current.record.policyVersion,
    }),
    adopt: (record) => {
      const keepsPolicy = record.policyVersion === current.record.policyVersion
      if (!keepsPolicy && current.evidence.isStudy) concluded = current
      current = { record, evidence: keepsPolicy ? current.evidence : evidenceOf(record, rng) }
      reroute()
    },
    reroute,
    divert: (policy) => {
      router = createRouter(policy, { salt: name })
    },
  }
}

function routerOf(policy: TrafficPolicy, salt: string, { canaryShare, bandit }: Evidence): Router {
  const share = canaryShare()
  return createRouter(policy, {
    salt,
    ...(share === undefined ? {} : { canaryShare: share }),
    ...(bandit ? { chooseArm: (numbers?: readonly number[]) => bandit.choose(numbers) } : {}),
  })
}
