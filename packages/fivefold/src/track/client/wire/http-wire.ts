import { createReadStream } from 'node:fs'
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { pipeline } from 'node:stream/promises'
import { WireError } from './wire-error.ts'

export interface WireOptions {
  /** Address of the server, with any path that it lies under. */
  readonly url: string
  readonly token?: string
  readonly timeoutMs?: number
}

export type WireMethod = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
type Fields = Readonly<Record<string, unknown>>

/** MLflow's REST API over HTTP. Every method throws `WireError`. */
export interface HttpWire {
  /** `path` is below `/api/2.0/mlflow/`. Fields go in the query of a GET, else in the body. */
  call<T>(method: WireMethod, path: string, fields?: Fields): Promise<T>
  /** Puts a file at a path below the root of artifacts. */
  upload(path: string, file: string, sizeBytes: number): Promise<void>
  download(path: string): Promise<IncomingMessage>
  close(): void
}

const TIMEOUT_MS = 30_000
const MAX_ANSWER_BYTES = 256 * 2 ** 20

export function createHttpWire({ url, token, timeoutMs = TIMEOUT_MS }: WireOptions): HttpWire {
  const root = new URL(url)
  const isSecure = root.protocol === 'https:'
  const agent = isSecure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })
  const authorization = authorizationOf(root, token)
  const base = root.pathname.replace(/\/+$/, '')

  const send = (
    method: WireMethod,
    path: string,
    body: Buffer | { file: string; sizeBytes: number } | undefined,
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const sizeBytes = body === undefined ? 0 : Buffer.isBuffer(body) ? body.length : body.sizeBytes
      const headers = {
        ...(authorization !== undefined && { authorization }),
        ...(body !== undefined && { 'content-length': sizeBytes }),
        ...(Buffer.isBuffer(body) && { 'content-type': 'application/json' }),
        ...(body !== undefined && !Buffer.isBuffer(body) && { 'content-type': 'application/octet-stream' }),
      }
      const target = { hostname: bareHost(root), port: root.port, path: `${base}${path}`, method, headers, agent }
      const request = (isSecure ? requestHttps : requestHttp)({ ...target, timeout: timeoutMs }, resolve)
      request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)))
      const fail = (cause: unknown): void => reject(WireError.unreachable(root.origin, cause))
      request.on('error', fail)
      if (body === undefined || Buffer.isBuffer(body)) request.end(body)
      else pipeline(createReadStream(body.file), request).catch(fail)
    })
  const expectFine = async (answer: IncomingMessage): Promise<IncomingMessage> => {
    const status = answer.statusCode ?? 0
    if (status >= 200 && status < 300) return answer
    throw WireError.refused(status, (await readAll(answer)).toString())
  }

  return {
    async call<T>(method: WireMethod, path: string, fields: Fields = {}): Promise<T> {
      const isRead = method === 'GET'
      const query = isRead ? queryOf(fields) : ''
      const body = isRead ? undefined : Buffer.from(JSON.stringify(fields))
      const answer = await send(method, `/api/2.0/mlflow/${path}${query}`, body)
      const text = (await readAll(await expectFine(answer))).toString()
      try {
        return JSON.parse(text === '' ? '{}' : text) as T
      } catch {
        throw WireError.refused(502, `no JSON from ${path}: ${text.slice(0, 200)}`)
      }
    },
    async upload(path, file, sizeBytes) {
      await readAll(await expectFine(await send('PUT', artifactAddress(path), { file, sizeBytes })))
    },
    download: async (path) => expectFine(await send('GET', artifactAddress(path), undefined)),
    close: () => agent.destroy(),
  }
}

const artifactAddress = (path: string): string =>
  `/api/2.0/mlflow-artifacts/artifacts/${path.split('/').map(encodeURIComponent).join('/')}`

const bareHost = (root: URL): string => root.hostname.replace(/^\[|\]$/g, '')

function authorizationOf(root: URL, token: string | undefined): string | undefined {
  if (token !== undefined) return `Bearer ${token}`
  if (root.username === '') return undefined
  const pair = `${decodeURIComponent(root.username)}:${decodeURIComponent(root.password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

function queryOf(fields: Fields): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(fields))
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) query.append(name, String(one))
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

async function readAll(answer: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  let size = 0
  try {
    for await (const piece of answer as AsyncIterable<Buffer>) {
      pieces.push(piece)
      size += piece.length
      if (size > MAX_ANSWER_BYTES) throw new Error('the answer is too long')
    }
  } catch (cause) {
    throw WireError.unreachable('the server', cause)
  }
  return Buffer.concat(pieces)
}
