import type { ServingScope } from '../../../access/index.ts'

/** What a caller needs; `none` where everybody may ask. */
export type RouteScope = ServingScope | 'none'

type Row = readonly [scope: RouteScope, methods: string, pattern: RegExp]

/**
 * Who may call what. The first row that fits a route decides, by its method and its pattern as the router knows it; what no row
 * names needs `admin`.
 *
 * Platforms ask for health without credentials, so it is open. Metrics are not: they tell which models there are and how they
 * are used, and Prometheus can hold a token, which needs to allow nothing else.
 */
const ROWS: readonly Row[] = [
  ['none', 'GET', /^\/(healthz|readyz|ping)?$/],
  ['none', 'GET', /^\/v2\/health\/(live|ready)$/],
  ['none', 'GET', /^\/v2\/models\/:model(\/versions\/:version)?\/ready$/],
  ['none', 'GET', /^\/vertex\/health$/],

  ['observe', 'GET', /^\/(metrics|operations|slo)$/],
  ['observe', 'GET', /^\/(server|console(\/.*)?)$/],
  ['observe', 'GET', /^\/deployments(\/:name(\/(history|report))?)?$/],

  ['predict', 'GET', /^\/(docs|openapi\.json)$/],
  ['predict', 'POST', /^\/(models\/:model\/(versions\/:version\/)?)?predict$/],
  ['predict', 'POST', /^\/outcomes$/],
  ['predict', '*', /^\/v2\/\*$/],
  ['predict', 'GET', /^\/v2(\/models\/:model(\/versions\/:version)?)?$/],
  ['predict', 'POST', /^\/v2\/models\/:model(\/versions\/:version)?\/infer$/],
  ['predict', 'POST', /^\/v2\/repository\/index$/],
  ['predict', '*', /^\/v1\/models\/\*$/],
  ['predict', 'GET POST', /^\/v1\/models(\/.*)?$/],
  ['predict', 'POST', /^\/(predictions|explanations)\/:model(\/:version)?$/],
  ['predict', 'POST', /^\/predict\/jobs$/],
  ['predict', 'GET DELETE', /^\/predict\/jobs\/:id$/],
  ['predict', 'GET', /^\/predict\/jobs\/:id\/result$/],
  ['predict', 'POST', /^\/(invocations|score|vertex\/predict|models\/:model\/invoke)$/],
  ['predict', 'GET', /^\/models(\/:model(\/:version)?)?$/],

  ['admin', 'POST', /^\/v2\/repository\/models\/:model\/(load|unload)$/],
  ['admin', 'PUT DELETE', /^\/models\/:model(\/:version)?$/],
  ['admin', 'POST', /^\/models$/],
  ['admin', 'PUT', /^\/deployments\/:name$/],
  ['admin', 'POST', /^\/deployments\/:name\/(promote|rollback)$/],
]

/** The scope that a row of the table gives a route; undefined where no row names it. HEAD asks what GET asks. */
export function scopeOfRoute(method: string, pattern: string): RouteScope | undefined {
  const asked = method === 'HEAD' ? 'GET' : method
  const path = pattern.length > 1 ? pattern.replace(/\/$/, '') : pattern
  return ROWS.find(([, methods, row]) => (methods === '*' || methods.split(' ').includes(asked)) && row.test(path))?.[0]
}

/** Methods of gRPC by their names, without the service; others need `admin`. */
const CALLS: Readonly<Record<string, RouteScope>> = {
  ServerLive: 'none',
  ServerReady: 'none',
  ModelReady: 'none',
  Check: 'none',
  Watch: 'none',
  ServerMetadata: 'predict',
  ModelMetadata: 'predict',
  ModelInfer: 'predict',
  RepositoryIndex: 'predict',
  RepositoryModelLoad: 'admin',
  RepositoryModelUnload: 'admin',
}

/** The scope of a call by its full name, `/service/Method`. */
export const scopeOfCall = (path: string): RouteScope => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return (Object.hasOwn(CALLS, name) && CALLS[name]) || 'admin'
}
