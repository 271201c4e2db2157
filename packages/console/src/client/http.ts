import { ClientError, type ClientErrorKind } from './client-error.ts'

export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>

export interface Http {
  get<T>(path: string, query: Query, signal: AbortSignal): Promise<T>
  send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body: object, signal?: AbortSignal): Promise<T>
  /** The body as it comes. */
  open(url: string, signal: AbortSignal): Promise<Response>
}

/** Requests below `base`; where the server wants a login, the browser asks for it. */
export function createHttp(base: string): Http {
  const open = async (url: string, init: RequestInit): Promise<Response> => {
    const response = await fetch(url, init).catch((error: unknown) => {
      if (init.signal?.aborted) throw error
      throw new ClientError('unreachable', 'The server does not answer. Is it running?')
    })
    if (!response.ok) throw await toError(response)
    return response
  }
  return {
    async get(path, query, signal) {
      const response = await open(`${base}${path}${queryText(query)}`, { signal })
      return response.json()
    },
    async send(method, path, body, signal) {
      const response = await open(`${base}${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        ...(signal && { signal }),
      })
      return response.json()
    },
    open: (url, signal) => open(url, { signal }),
  }
}

/** Undefined where the server has no such call, as MLflow's own has none of ours. */
export const unlessMissing = <T>(answer: Promise<T>): Promise<T | undefined> =>
  answer.catch((error: unknown) => {
    if (error instanceof ClientError && error.kind === 'missing') return undefined
    throw error
  })

export function queryText(query: Query): string {
  const entries = Object.entries(query).flatMap(([key, value]): [string, string][] => {
    if (value === undefined) return []
    return typeof value === 'object' ? value.map((one) => [key, one]) : [[key, String(value)]]
  })
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries)}`
}

async function toError(response: Response): Promise<ClientError> {
  const text = await response.text().catch(() => '')
  const kind = kindOf(response.status)
  return new ClientError(kind, messageIn(text) || `The server answered ${response.status} ${response.statusText}`)
}

/** Tracking answers `{ message }`, serving `{ error: { message } }`, the Open Inference Protocol `{ error }`. */
export function messageIn(text: string): string {
  try {
    const { message, error } = JSON.parse(text) as { message?: unknown; error?: unknown }
    const said = message ?? (error as { message?: unknown } | undefined)?.message ?? error
    return typeof said === 'string' ? said : ''
  } catch {
    return ''
  }
}

function kindOf(status: number): ClientErrorKind {
  if (status === 404) return 'missing'
  if (status === 401 || status === 403) return 'denied'
  return status < 500 ? 'refused' : 'failed'
}
