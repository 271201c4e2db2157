import type { FastifyInstance, FastifyReply } from 'fastify'
import { sendWireError } from '../tracking/wire-error.ts'
import { type Asked, askServer } from './ask-server.ts'
import type { ServingAddress } from './serving-address.ts'
import { SERVING_ROUTES, type ServingRoute } from './serving-routes.ts'

export interface ServingPluginOptions {
  readonly addresses: readonly ServingAddress[]
  /** Bearer token that those servers ask for. */
  readonly token?: string
}

interface Named {
  readonly Params: { readonly id: string; readonly name?: string }
  readonly Querystring: Readonly<Record<string, unknown>>
}

/**
 * Passes the console's calls on to the servers that the operator named, under `/serving/{id}/`: nobody else can be reached
 * through here, whatever a request says, and nothing of the caller's but the body goes along.
 */
export async function servingPlugin(app: FastifyInstance, { addresses, token }: ServingPluginOptions): Promise<void> {
  const byId = new Map(addresses.map((address) => [address.id, address]))
  for (const route of SERVING_ROUTES)
    app.route<Named>({
      method: route.method,
      url: `/serving/:id/${route.path}`,
      config: { scope: route.scope },
      handler: async (request, reply) => {
        const address = byId.get(request.params.id)
        const path = pathOf(route, request.params.name)
        if (!address || path === undefined)
          return sendWireError(
            reply,
            'RESOURCE_DOES_NOT_EXIST',
            'no such server of models, or nothing of that name there',
          )
        const answer = await askServer({
          url: `${address.url}${path}${queryOf(route, request.query)}`,
          ...{ method: route.method, body: request.body, timeoutMs: route.timeoutMs },
          ...(token !== undefined && { token }),
        })
        return sendAnswer(reply, answer, address)
      },
    })
}

/** Undefined for a name that is a step in a path and would lead somewhere else. */
function pathOf({ path }: ServingRoute, name: string | undefined): string | undefined {
  if (name === undefined) return path
  return name === '.' || name === '..' ? undefined : path.replace(':name', encodeURIComponent(name))
}

function queryOf({ query = [] }: ServingRoute, given: Named['Querystring']): string {
  const known = query.flatMap((key): [string, string][] => {
    const value = given[key]
    return typeof value === 'string' ? [[key, value]] : []
  })
  return known.length === 0 ? '' : `?${new URLSearchParams(known)}`
}

function sendAnswer(reply: FastifyReply, { status, json }: Asked, { id }: ServingAddress): FastifyReply {
  if (status === 'unreachable') return sendWireError(reply, 'TEMPORARILY_UNAVAILABLE', `${id} does not answer`)
  if (status === 401 || status === 403)
    // The caller's own token was good: a browser must not be made to ask for another one.
    return sendWireError(
      reply,
      'TEMPORARILY_UNAVAILABLE',
      `${id} does not let this server in: set FIVEFOLD_SERVING_TOKEN`,
    )
  return reply.code(status).type('application/json; charset=utf-8').header('cache-control', 'no-store').send(json)
}
