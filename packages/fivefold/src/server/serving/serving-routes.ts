import type { TrackingScope } from '../../access/index.ts'

/** A call of a server of models that the tracking server passes on. */
export interface ServingRoute {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** Below the address of the server. */
  readonly path: string
  /** What a caller of the tracking server must be allowed. */
  readonly scope: TrackingScope
  /** Parameters of the query that are passed on. */
  readonly query?: readonly string[]
  readonly timeoutMs: number
}

/** The console asks every five seconds: what takes longer is said to be missing rather than waited for. */
const reading = { method: 'GET', scope: 'read', timeoutMs: 4000 } as const
/** Who changes what answers in production is an administrator. A model may take its time to load. */
const changing = { method: 'POST', scope: 'admin', timeoutMs: 120_000 } as const

/** Everything that the console asks of a server, and nothing else: no predictions, no outcomes. */
export const SERVING_ROUTES: readonly ServingRoute[] = [
  { ...reading, path: 'server' },
  { ...reading, path: 'operations', query: ['history'] },
  { ...reading, path: 'slo' },
  { ...reading, path: 'deployments' },
  { ...reading, path: 'deployments/:name' },
  { ...reading, path: 'deployments/:name/history' },
  { ...reading, method: 'POST', path: 'v2/repository/index' },
  { ...changing, method: 'PUT', path: 'deployments/:name' },
  { ...changing, path: 'deployments/:name/promote' },
  { ...changing, path: 'deployments/:name/rollback' },
  { ...changing, path: 'v2/repository/models/:name/load' },
  { ...changing, path: 'v2/repository/models/:name/unload' },
]
