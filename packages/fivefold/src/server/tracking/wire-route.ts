import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { z } from 'zod'
import type { TrackingScope } from '../../access/index.ts'

/** What a handler may want to know beside its input. */
export interface WireCall {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** One endpoint: a JSON object in, a JSON object out. */
export interface WireRoute {
  readonly methods: readonly HTTPMethods[]
  /** MLflow's API, or what it does not have. */
  readonly api: 'mlflow' | 'fivefold'
  /** Below `/api/2.0/mlflow` and the like; `:name` for a part that becomes a field of the input. */
  readonly path: string
  readonly version: '2.0' | '3.0'
  readonly scope: TrackingScope
  readonly bodyLimit: number | undefined
  answer(input: unknown, call: WireCall): Promise<object>
}

export interface WireRouteDefinition<S extends z.ZodType> {
  readonly method: HTTPMethods | readonly HTTPMethods[]
  readonly path: string
  readonly api?: 'mlflow' | 'fivefold'
  readonly version?: '2.0' | '3.0'
  /** Default: read for GET, write for others. */
  readonly scope?: TrackingScope
  readonly bodyLimit?: number
  readonly input: S
  handle(input: z.output<S>, call: WireCall): Promise<object>
}

export function wireRoute<S extends z.ZodType>(definition: WireRouteDefinition<S>): WireRoute {
  const { method, path, api = 'mlflow', version = '2.0', input, handle, bodyLimit } = definition
  const methods = typeof method === 'string' ? [method] : method
  const readsOnly = methods.every((one) => one === 'GET')
  return {
    methods,
    api,
    path,
    version,
    scope: definition.scope ?? (readsOnly ? 'read' : 'write'),
    bodyLimit,
    answer: (raw, call) => handle(input.parse(raw), call),
  }
}

/** The browser console of MLflow calls the same endpoints under the second name. */
const PREFIXES = ['/api', '/ajax-api']

export function addWireRoutes(app: FastifyInstance, routes: readonly WireRoute[]): void {
  for (const route of routes)
    for (const prefix of PREFIXES)
      app.route({
        method: [...route.methods],
        url: `${prefix}/${route.version}/${route.api}${route.path}`,
        config: { scope: route.scope },
        ...(route.bodyLimit !== undefined && { bodyLimit: route.bodyLimit }),
        handler: (request, reply) => route.answer(inputOf(request), { request, reply }),
      })
}

/** Clients send the fields in the body, or in the query where there is none; parts of the path win. */
function inputOf(request: FastifyRequest): object {
  const hasBody = request.method !== 'GET' && typeof request.body === 'object' && request.body !== null
  return { ...((hasBody ? request.body : request.query) as object), ...(request.params as object) }
}
