import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

interface StoredObject {
  readonly body: Buffer
  modifiedMs: number
}

/** What happens to a request in place of the answer. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly code: string }
  /** The connection ends, after so many bytes of the answer where it has any. */
  | { readonly kind: 'cut'; readonly afterBytes?: number }
  /** The answer never comes. */
  | { readonly kind: 'silence' }

export interface S3Request {
  readonly method: string
  readonly key: string
  readonly query: URLSearchParams
}

/** S3's protocol in memory: one bucket, in path style, with pages of few entries, and failures to order. */
export interface ReferenceS3 {
  readonly endpoint: string
  readonly bucket: string
  readonly objects: Map<string, StoredObject>
  readonly uploads: Map<string, { readonly key: string; readonly parts: Map<number, Buffer>; initiatedMs: number }>
  readonly requests: S3Request[]
  /** Asked for each request; undefined lets it through. */
  fault: (request: S3Request) => Fault | undefined
  close(): Promise<void>
}

const PAGE = 3
const LEAST_PART_BYTES = 5 * 2 ** 20

export async function startReferenceS3(): Promise<ReferenceS3> {
  const bucket = 'a-bucket'
  const objects: ReferenceS3['objects'] = new Map()
  const uploads: ReferenceS3['uploads'] = new Map()
  const requests: S3Request[] = []
  const server = createServer((request, reply) => {
    void answer(request, reply).catch(() => reply.destroy())
  })
  const s3: ReferenceS3 = {
    endpoint: '',
    bucket,
    objects,
    uploads,
    requests,
    fault: () => undefined,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }

  async function answer(request: IncomingMessage, reply: ServerResponse): Promise<unknown> {
    const { pathname, searchParams: query } = new URL(request.url!, 'http://s3')
    const [, name, ...rest] = decodeURIComponent(pathname).split('/')
    const asked: S3Request = { method: request.method!, key: rest.join('/'), query }
    requests.push(asked)
    const fault = s3.fault(asked)
    if (fault?.kind === 'silence') return
    if (fault?.kind === 'cut' && fault.afterBytes === undefined) return request.socket.destroy()
    const body = await buffer(request)
    if (fault?.kind === 'status') return fail(reply, fault.status, fault.code)
    if (name !== bucket) return fail(reply, 404, 'NoSuchBucket')
    const signed = request.headers['x-amz-content-sha256']
    if (signed !== 'UNSIGNED-PAYLOAD' && signed !== sha256(body)) return fail(reply, 400, 'XAmzContentSHA256Mismatch')
    if (asked.key === '') return query.has('uploads') ? listUploads(query, reply) : list(query, reply)
    if (query.has('uploads') || query.has('uploadId')) return uploadCall(asked, request, body, reply)
    return objectCall(asked, request, body, reply, fault?.afterBytes)
  }

  function objectCall(
    { method, key }: S3Request,
    request: IncomingMessage,
    body: Buffer,
    reply: ServerResponse,
    cutAfter: number | undefined,
  ): unknown {
    if (method === 'PUT') {
      const content = sourceOf(request) ?? body
      objects.set(key, { body: content, modifiedMs: Date.now() })
      const isCopy = request.headers['x-amz-copy-source'] !== undefined
      return xml(reply, isCopy ? `<CopyObjectResult>${etag(content)}</CopyObjectResult>` : '')
    }
    if (method === 'DELETE') {
      objects.delete(key)
      return reply.writeHead(204).end()
    }
    const found = objects.get(key)
    if (!found) return fail(reply, 404, 'NoSuchKey')
    const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const content = found.body.subarray(start)
    reply.writeHead(start > 0 ? 206 : 200, { 'content-length': content.length })
    if (method === 'HEAD') return reply.end()
    if (cutAfter === undefined) return reply.end(content)
    reply.write(content.subarray(0, cutAfter), () => request.socket.destroy())
  }

  function uploadCall(
    { method, key, query }: S3Request,
    request: IncomingMessage,
    body: Buffer,
    reply: ServerResponse,
  ): unknown {
    if (query.has('uploads')) {
      const id = randomBytes(8).toString('hex')
      uploads.set(id, { key, parts: new Map(), initiatedMs: Date.now() })
      return xml(reply, `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`)
    }
    const id = query.get('uploadId')!
    const upload = uploads.get(id)
    if (!upload) return fail(reply, 404, 'NoSuchUpload')
    if (method === 'DELETE') {
      uploads.delete(id)
      return reply.writeHead(204).end()
    }
    if (method === 'PUT') {
      const content = sourceOf(request) ?? body
      upload.parts.set(Number(query.get('partNumber')), content)
      reply.setHeader('etag', `"${md5(content)}"`)
      const isCopy = request.headers['x-amz-copy-source'] !== undefined
      return xml(reply, isCopy ? `<CopyPartResult>${etag(content)}</CopyPartResult>` : '')
    }
    const numbers = [...body.toString().matchAll(/<PartNumber>(\d+)</g)].map(([, number]) => Number(number))
    const parts = numbers.map((number) => upload.parts.get(number))
    if (parts.some((part) => part === undefined)) return fail(reply, 400, 'InvalidPart')
    if (parts.slice(0, -1).some((part) => part!.length < LEAST_PART_BYTES)) return fail(reply, 400, 'EntityTooSmall')
    objects.set(key, { body: Buffer.concat(parts as Buffer[]), modifiedMs: Date.now() })
    uploads.delete(id)
    xml(reply, '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>')
  }

  /** What a request copies; undefined where it brings content of its own. */
  function sourceOf(request: IncomingMessage): Buffer | undefined {
    const named = request.headers['x-amz-copy-source'] as string | undefined
    if (named === undefined) return undefined
    const content = objects.get(decodeURIComponent(named).slice(bucket.length + 1))!.body
    const range = /^bytes=(\d+)-(\d+)$/.exec(String(request.headers['x-amz-copy-source-range'] ?? ''))
    return range ? content.subarray(Number(range[1]), Number(range[2]) + 1) : content
  }

  function list(query: URLSearchParams, reply: ServerResponse): void {
    const after = query.get('continuation-token') ?? ''
    const keys = [...objects.keys()].filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after).sort()
    const page = keys.slice(0, PAGE)
    const contents = page.map((key) => {
      const { body, modifiedMs } = objects.get(key)!
      const modified = new Date(modifiedMs).toISOString()
      return `<Contents><Key>${key}</Key><Size>${body.length}</Size><LastModified>${modified}</LastModified></Contents>`
    })
    const next = keys.length > PAGE ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
    xml(
      reply,
      `<ListBucketResult><IsTruncated>${next !== ''}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
    )
  }

  function listUploads(query: URLSearchParams, reply: ServerResponse): void {
    const after = query.get('upload-id-marker') ?? ''
    const ids = [...uploads.keys()].filter((id) => id > after).sort()
    const found = ids.slice(0, PAGE).map((id) => {
      const { key, initiatedMs } = uploads.get(id)!
      const initiated = new Date(initiatedMs).toISOString()
      return `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${initiated}</Initiated></Upload>`
    })
    const isTruncated = ids.length > PAGE
    const markers = isTruncated
      ? `<NextKeyMarker>x</NextKeyMarker><NextUploadIdMarker>${ids[PAGE - 1]}</NextUploadIdMarker>`
      : ''
    const body = `<IsTruncated>${isTruncated}</IsTruncated>${markers}${found.join('')}`
    xml(reply, `<ListMultipartUploadsResult>${body}</ListMultipartUploadsResult>`)
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(s3, { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')
const md5 = (content: Buffer): string => createHash('md5').update(content).digest('hex')
const etag = (content: Buffer): string => `<ETag>"${md5(content)}"</ETag>`

function xml(reply: ServerResponse, body: string): void {
  reply.writeHead(200, { 'content-type': 'application/xml' }).end(body === '' ? '' : `<?xml version="1.0"?>${body}`)
}

function fail(reply: ServerResponse, status: number, code: string): void {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`
  reply.writeHead(status, { 'content-type': 'application/xml' }).end(body)
}
