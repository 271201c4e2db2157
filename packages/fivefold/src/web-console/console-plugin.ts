import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import { readConsoleFiles } from './console-files.ts'

/** A server of models that the console can look at. */
export interface ConsoleServer {
  /** Names it in the console's addresses. */
  readonly id: string
  /** Where its routes begin, seen from the console's page; ends with a slash. */
  readonly base: string
}

/** What the console finds at the server that it came from. */
export interface ConsoleHome {
  /** Whether runs and the registry are there. */
  readonly hasTracking: boolean
  readonly servers: readonly ConsoleServer[]
}

export interface ConsolePluginOptions {
  readonly home: ConsoleHome
  /** Of every route, such as who may call it. */
  readonly config?: FastifyContextConfig
}

/** Only what the console itself brings is run, and nobody puts it into a frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const YEAR_SECONDS = 31_536_000

/** The web console under the prefix, and what it asks first, `console.json`; nothing where it is not built. */
export async function consolePlugin(app: FastifyInstance, { home, config = {} }: ConsolePluginOptions): Promise<void> {
  const files = await readConsoleFiles()
  if (files.length === 0) return
  const route = { config, schema: { hide: true } }
  app.get('/console.json', route, async (_request, reply) => reply.header('cache-control', 'no-cache').send(home))
  for (const { url, type, content, isFixed } of files)
    app.get(url, route, async (request, reply) => {
      // What the page names lies beside it, which without the slash at the end would be somewhere else.
      if (url === '/' && !pathOf(request.url).endsWith('/')) return reply.redirect(`${lastStep(request.url)}/`)
      return reply
        .type(type)
        .header('content-security-policy', POLICY)
        .header('x-content-type-options', 'nosniff')
        .header('referrer-policy', 'same-origin')
        .header('cache-control', isFixed ? `private, max-age=${YEAR_SECONDS}, immutable` : 'no-cache')
        .send(content)
    })
}

const pathOf = (url: string): string => url.split('?', 1)[0]!

/** Seen from the address itself: a proxy may have put it somewhere else. */
const lastStep = (url: string): string => pathOf(url).split('/').at(-1)!
