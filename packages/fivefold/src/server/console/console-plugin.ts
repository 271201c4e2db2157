import type { FastifyInstance } from 'fastify'
import { readConsoleFiles } from './console-files.ts'

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

const read = { config: { scope: 'read' as const } }

const YEAR_SECONDS = 31_536_000

/** The web console under `/`; nothing where it is not built. */
export async function consolePlugin(app: FastifyInstance): Promise<void> {
  for (const { url, type, content, isFixed } of await readConsoleFiles())
    app.get(url, read, async (_request, reply) =>
      reply
        .type(type)
        .header('content-security-policy', POLICY)
        .header('x-content-type-options', 'nosniff')
        .header('referrer-policy', 'same-origin')
        .header('cache-control', isFixed ? `private, max-age=${YEAR_SECONDS}, immutable` : 'no-cache')
        .send(content),
    )
}
