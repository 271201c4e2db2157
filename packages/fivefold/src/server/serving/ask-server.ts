export interface Question {
  readonly url: string
  readonly method: 'GET' | 'POST' | 'PUT'
  /** Sent as JSON where the method has a body. */
  readonly body: unknown
  readonly token?: string
  readonly timeoutMs: number
}

/** The answer as it came: JSON text with its status. */
export type Asked =
  | { readonly status: number; readonly json: string }
  | { readonly status: 'unreachable'; readonly json?: undefined }

const MOST_BYTES = 16 << 20

const UNREACHABLE: Asked = { status: 'unreachable' }

/** Asks a server of models; never throws. Redirects lead elsewhere and are not followed. */
export async function askServer({ url, method, body, token, timeoutMs }: Question): Promise<Asked> {
  try {
    const response = await fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(method !== 'GET' && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(method !== 'GET' && { body: JSON.stringify(body ?? {}) }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = await boundedText(response)
    return text === undefined || !isJson(text) ? UNREACHABLE : { status: response.status, json: text }
  } catch {
    return UNREACHABLE
  }
}

/** Undefined where there is more than a server of models would say. */
async function boundedText({ body }: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += (chunk as Uint8Array).length
    if (size > MOST_BYTES) return undefined
    chunks.push(chunk as Uint8Array)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** What is no JSON comes from something else than a server of models. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
