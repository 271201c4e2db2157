import { basename, extname } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TrackingStore } from '../../track/index.ts'

/** What a browser may show; anything else is a download. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.htm': 'text/html; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.pdf': 'application/pdf',
  '.json': 'application/json; charset=utf-8',
  '.csv': 'text/plain; charset=utf-8',
  '.tsv': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.log': 'text/plain; charset=utf-8',
  '.yaml': 'text/plain; charset=utf-8',
  '.yml': 'text/plain; charset=utf-8',
  '.py': 'text/plain; charset=utf-8',
}

/**
 * Anyone who may log a run may put any page here. It is shown without scripts, forms and requests, and as if from another
 * origin, so that it can do nothing in the name of who looks at it.
 */
const SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"

export async function sendArtifact(
  store: TrackingStore,
  path: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { sizeBytes, stream } = await store.openArtifact(path)
  const name = basename(path)
  const type = name === 'MLmodel' ? TYPES['.txt'] : TYPES[extname(name).toLowerCase()]
  void reply
    .type(type ?? 'application/octet-stream')
    .header('content-length', sizeBytes)
    .header('content-security-policy', SANDBOX)
    .header('x-content-type-options', 'nosniff')
    .header('content-disposition', disposition(type === undefined, name))
  return request.method === 'HEAD' ? reply.send() : reply.send(stream())
}

function disposition(isDownload: boolean, name: string): string {
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)
  return `${isDownload ? 'attachment' : 'inline'}; filename*=UTF-8''${encoded}`
}
