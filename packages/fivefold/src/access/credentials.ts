import type { IncomingHttpHeaders } from 'node:http'

export interface Credentials {
  readonly token: string
  /** Browsers send `basic` credentials along with whatever a page asks for; `bearer` ones are set by programs alone. */
  readonly kind: 'bearer' | 'basic'
}

/** A bearer token, or the password of basic authentication, whatever the user name; undefined for anything else. */
export function credentialsOf(authorization: string | undefined): Credentials | undefined {
  const [, scheme, value] = /^(bearer|basic) +([\x21-\x7e]{1,2000})$/i.exec(authorization ?? '') ?? []
  if (scheme === undefined || value === undefined) return undefined
  if (scheme.toLowerCase() === 'bearer') return { kind: 'bearer', token: value }
  const pair = Buffer.from(value, 'base64').toString('utf8')
  return { kind: 'basic', token: pair.slice(pair.indexOf(':') + 1) }
}

/** Whether a page of another origin sent this. Browsers say where a page comes from; other clients send none of these headers. */
export function isFromElsewhere(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  if (headers.origin === undefined) return false
  return !URL.canParse(headers.origin) || new URL(headers.origin).host !== headers.host
}
