import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The path that callers know, where the server is led to another. */
    publicPath?: string
    /** The path in metrics and logs. */
    label?: string
  }
}

interface WatchedPath {
  /** As callers know it, parameters with a colon before them. */
  readonly path: string
  /** Where its errors get their form. */
  readonly scope: FastifyInstance
  readonly methods: Set<string>
  /** Whether it is there to refuse in the form of its protocol, and is not described. */
  readonly isHidden: boolean
}

/** By the pattern of the router. */
export type WatchedRoutes = ReadonlyMap<string, WatchedPath>

/** Notes every path that is added from now on, and gives it its name for metrics. */
export function watchRoutes(app: FastifyInstance): WatchedRoutes {
  const paths = new Map<string, WatchedPath>()
  app.addHook('onRoute', function note(this: FastifyInstance, route: RouteOptions & { path: string }) {
    const { url, method, schema, config } = route
    route.config = { ...config, label: labelOf(url) }
    const isHidden = schema?.hide === true
    const known = paths.get(url) ?? {
      path: config?.publicPath ?? labelOf(url),
      scope: this,
      methods: new Set(),
      isHidden,
    }
    // The refusals of other methods.
    if (isHidden && !known.isHidden) return
    paths.set(url, known)
    for (const one of [method].flat()) known.methods.add(one)
  })
  return paths
}

/** Without what parameters may hold: `/v1/models/:model:predict`. */
const labelOf = (url: string): string => url.replaceAll('([^/:]+)', '').replaceAll('::', ':')

/** Answers other methods of paths that are there with 405 and those that are allowed, in the form of the path's protocol. */
export function refuseOtherMethods(routes: WatchedRoutes): void {
  for (const [url, { scope, methods }] of [...routes]) {
    const allow = [...methods].sort().join(', ')
    const others = scope.supportedMethods.filter((method) => !methods.has(method))
    if (url.includes('*') || others.length === 0) continue
    scope.route({
      url,
      method: others,
      schema: { hide: true },
      config: { scope: 'observe' },
      handler: async ({ method }, reply) => {
        void reply.header('allow', allow)
        throw Object.assign(new Error(`${method} is not what this path takes; ${allow} is`), { statusCode: 405 })
      },
    })
  }
}

type Described = { readonly schema: FastifySchema; readonly url: string; readonly route: RouteOptions }

/** What the description says of a route: the path as callers know it. */
export function describedRoute({ schema, url, route }: Described): { schema: FastifySchema; url: string } {
  const path = route.config?.publicPath
  return { schema, url: path === undefined ? url : path.replaceAll(':', '::') }
}
