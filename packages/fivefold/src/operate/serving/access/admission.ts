import { allows, type Credentials, credentialsOf, SERVING_SCOPES } from '../../../access/index.ts'
import { FivefoldError } from '../../../core/index.ts'
import { clientOf } from './client-address.ts'
import type { RateLimit } from './rate-limit.ts'
import type { RouteScope } from './route-scopes.ts'
import type { ServingToken } from './token-file.ts'

/** What of a call decides whether it may pass. */
export interface AdmissionCall {
  readonly authorization: string | undefined
  /** Of the socket: what headers say of addresses is anybody's word. */
  readonly address: string
  readonly scope: RouteScope
}

/** Whether a call may pass, and why not. */
export type Verdict =
  | { readonly caller?: string; readonly credentials?: Credentials }
  | { readonly error: FivefoldError; readonly throttle?: Throttle }

/** A limit that is used up. */
export interface Throttle {
  readonly limit: RateLimit
  readonly waitMs: number
}

export interface Admission {
  /** Whether callers need a token. */
  readonly asksForTokens: boolean
  /** Whether all calls pass, and need not be shown. */
  readonly isOpen: boolean
  /** At once, but where another process counts. Never throws. */
  judge(call: AdmissionCall): Verdict | Promise<Verdict>
}

/** Takes one request out of what a key may send; the milliseconds until there is room, 0 where there is. */
export type TakeOne = (key: string, limit: RateLimit) => number | Promise<number>

export interface AdmissionOptions {
  /** Undefined where callers need no token. */
  readonly findToken?: (token: string) => ServingToken | undefined
  /** For each token that has none of its own, and for each address without one. */
  readonly rateLimit?: RateLimit
  readonly takeOne: TakeOne
}

const PASSED: Verdict = {}

/**
 * Who may call, and how often. What comes without a valid token is counted by its address, also where it is refused; health
 * checks are not counted.
 */
export function createAdmission({ findToken, rateLimit, takeOne }: AdmissionOptions): Admission {
  const judge = ({ authorization, address, scope }: AdmissionCall): Verdict | Promise<Verdict> => {
    if (scope === 'none') return PASSED
    const credentials = findToken && credentialsOf(authorization)
    const holder = credentials && findToken?.(credentials.token)
    const verdict = findToken ? verdictOf(holder, credentials, scope) : PASSED
    const limit = holder?.rateLimit === undefined ? rateLimit : holder.rateLimit
    if (!limit) return verdict
    const waitMs = takeOne(holder ? `token ${holder.name}` : clientOf(address), limit)
    if (typeof waitMs === 'number') return waitMs === 0 ? verdict : throttled({ limit, waitMs })
    return waitMs.then((ms) => (ms === 0 ? verdict : throttled({ limit, waitMs: ms })))
  }
  const asksForTokens = findToken !== undefined
  return { asksForTokens, isOpen: !asksForTokens && !rateLimit, judge }
}

function verdictOf(
  holder: ServingToken | undefined,
  credentials: Credentials | undefined,
  scope: Exclude<RouteScope, 'none'>,
): Verdict {
  if (!holder) {
    const message = credentials ? 'the token is not valid' : 'a token is needed: Authorization: Bearer'
    return { error: new FivefoldError('UNAUTHENTICATED', message) }
  }
  if (allows(SERVING_SCOPES, holder.scope, scope)) return { caller: holder.name, ...(credentials && { credentials }) }
  const message = `the token '${holder.name}' allows ${holder.scope}; this needs ${scope}`
  return { error: new FivefoldError('PERMISSION_DENIED', message) }
}

function throttled(throttle: Throttle): Verdict {
  const seconds = waitSeconds(throttle)
  const message = `more than ${throttle.limit.count} requests in ${throttle.limit.perMs / 1000} s; try again in ${seconds} s`
  return { error: new FivefoldError('RATE_LIMITED', message), throttle }
}

/** Whole seconds, as headers have them. */
export const waitSeconds = ({ waitMs }: Throttle): number => Math.max(1, Math.ceil(waitMs / 1000))
