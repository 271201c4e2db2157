import type { CanaryPolicy, TrafficPolicy } from './traffic-policy.ts'
import { uniformOf } from './uniform-of.ts'

/** Headers by name in small letters. Those that came more than once count as absent. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>

/** What is known of a request before it is answered. */
export interface RouteRequest {
  readonly headers?: RequestHeaders
  /** Uniform in [0, 1): decides where the policy has no key, or the request brings none. */
  readonly random: number
}

/** Requests that are compared to each other: the variant that answered, and for canaries its control. */
export type RouteGroup = 'canary' | 'control' | 'rest' | 'arm' | 'rule'

export interface Route {
  readonly variant: string
  readonly group: RouteGroup
  /** Value of the sticky header; what happens to one key is not independent. */
  readonly key?: string
  /** Numbers that a contextual bandit chose by. */
  readonly context?: readonly number[]
  /** Variants that get a copy. */
  readonly shadows: readonly string[]
}

export interface RouterOptions {
  /** Makes assignments of different deployments unrelated: the name of the deployment. */
  readonly salt: string
  /** Share of a canary now. Default its first stage. */
  readonly canaryShare?: number
  /** Chooses the arm; needed for bandits alone. */
  readonly chooseArm?: (context?: readonly number[]) => string
}

export type Router = (request: RouteRequest) => Route

/** A function that decides who answers a request: no clock, no memory, no chance of its own. */
export function createRouter(policy: TrafficPolicy, options: RouterOptions): Router {
  const assign = assignmentOf(policy, options)
  return (request) => {
    const key = policy.stickyBy === undefined ? undefined : headerOf(request, policy.stickyBy)
    const identity = key === undefined || key === '' ? {} : { key }
    const rule = policy.rules.find(({ header, equals }) => headerOf(request, header) === equals)
    const chosen = rule ? { variant: rule.variant, group: 'rule' as const } : assign({ ...request, ...identity })
    return { ...chosen, ...identity, shadows: shadowsOf(policy, options.salt, request, identity.key, chosen.variant) }
  }
}

function headerOf({ headers }: RouteRequest, name: string): string | undefined {
  const value = headers?.[name]
  return typeof value === 'string' ? value : undefined
}

type Chosen = Pick<Route, 'variant' | 'group' | 'context'>
type Assign = (request: RouteRequest & { readonly key?: string }) => Chosen

function assignmentOf({ traffic }: TrafficPolicy, options: RouterOptions): Assign {
  switch (traffic.kind) {
    case 'single':
      return () => ({ variant: traffic.variant, group: 'rest' })
    case 'split':
    case 'experiment': {
      const entries = Object.entries(traffic.weights).filter(([, weight]) => weight > 0)
      return ({ key, random }) => ({
        variant: key === undefined ? pickByChance(entries, random) : pickByKey(entries, options.salt, key),
        group: 'arm',
      })
    }
    case 'canary': {
      const share = options.canaryShare ?? traffic.stages[0]!.share
      return ({ key, random }) => canaryGroup(traffic, share, key === undefined ? random : uniformOf(options.salt, key))
    }
    case 'bandit': {
      const { algorithm, arms } = traffic
      return (request) => {
        const context =
          algorithm.name === 'linUcb' ? parseContext(headerOf(request, algorithm.contextHeader), algorithm) : undefined
        return { variant: options.chooseArm?.(context) ?? arms[0]!, group: 'arm', ...(context ? { context } : {}) }
      }
    }
  }
}

function pickByChance(entries: readonly (readonly [string, number])[], random: number): string {
  let left = random * entries.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [variant, weight] of entries) {
    left -= weight
    if (left < 0) return variant
  }
  return entries[entries.length - 1]![0]
}

/**
 * Weighted rendezvous hashing (Thaler and Ravishankar, 1998; weights after Resch, 2015): each variant draws an exponential time
 * with its weight as the rate, the earliest answers. When weights move, a key leaves a variant only for one whose weight grew
 * relative to it.
 */
function pickByKey(entries: readonly (readonly [string, number])[], salt: string, key: string): string {
  let best = entries[0]![0]
  let earliest = Number.POSITIVE_INFINITY
  for (const [variant, weight] of entries) {
    const time = -Math.log1p(-uniformOf(`${salt}/${variant}`, key)) / weight
    if (time < earliest) {
      earliest = time
      best = variant
    }
  }
  return best
}

/** The canary takes the low end and its control as much of the high one: a key enters either as the share grows, and stays. */
function canaryGroup({ stable, canary }: CanaryPolicy, share: number, uniform: number): Chosen {
  if (uniform < share) return { variant: canary, group: 'canary' }
  return { variant: stable, group: uniform >= 1 - share ? 'control' : 'rest' }
}

/** Numbers of a header. What is missing or no number is 0, so that a careless caller gets an answer all the same. */
function parseContext(header: string | undefined, { dimensions }: { readonly dimensions: number }): readonly number[] {
  const parts = (header ?? '').split(',', dimensions)
  return Array.from({ length: dimensions }, (_, i) => {
    const value = Number(parts[i] ?? 0)
    return Number.isFinite(value) ? value : 0
  })
}

function shadowsOf(
  { shadows }: TrafficPolicy,
  salt: string,
  { random }: RouteRequest,
  key: string | undefined,
  answering: string,
): readonly string[] {
  if (shadows.length === 0) return []
  // Chance that is unrelated to the assignment: a shadow sees all groups alike.
  const seed = key ?? String(random)
  return shadows
    .filter(({ variant, share }) => variant !== answering && uniformOf(`${salt}/shadow/${variant}`, seed) < share)
    .map(({ variant }) => variant)
}
