import type {} from 'fastify'

/** What tokens of the tracking server allow. Of each list a scope also allows what those before it do. */
export const TRACKING_SCOPES = ['read', 'write', 'admin'] as const
export type TrackingScope = (typeof TRACKING_SCOPES)[number]

/** What tokens of a model server allow: metrics; predictions and metadata; models and deployments. */
export const SERVING_SCOPES = ['observe', 'predict', 'admin'] as const
export type ServingScope = (typeof SERVING_SCOPES)[number]

export type AccessScope = TrackingScope | ServingScope

/** Whether a token that holds one scope may do what needs another; not where either is none of the list. */
export function allows<S extends AccessScope>(scopes: readonly S[], held: S, needed: S): boolean {
  const at = scopes.indexOf(needed)
  return at >= 0 && scopes.indexOf(held) >= at
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller must be allowed; `none` for everyone. Routes that name nothing need admin. */
    scope?: AccessScope | 'none'
  }
}
