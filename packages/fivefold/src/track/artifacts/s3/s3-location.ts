import { didYouMean, FivefoldError } from '../../../core/index.ts'

/** A place in S3 or in storage that speaks its protocol. */
export interface S3Location {
  readonly bucket: string
  /** Begins every key; '' or ends with a slash. */
  readonly prefix: string
  /** Default: that of AWS for the region. */
  readonly endpoint?: string
  readonly region?: string
  /** Whether the bucket is the first part of the path instead of the host. Default: where there is an endpoint. */
  readonly pathStyle: boolean
}

export const isS3Url = (place: string): boolean => /^s3:\/\//i.test(place)

const OPTIONS = ['endpoint', 'region', 'pathStyle']
/** The rule of AWS; others allow a little more. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/i

/**
 * `s3://bucket/prefix?endpoint=http://host:9000&region=eu-central-1&pathStyle=true`. Throws OPTION_INVALID, also for addresses
 * that carry a password: what is remembered and shown must not hold any.
 */
export function parseS3Url(url: string): S3Location {
  if (!URL.canParse(url)) throw invalid(url, 'it is no address')
  const { host, pathname, searchParams, username, password, hash } = new URL(url)
  if (username !== '' || password !== '')
    throw invalid('s3://***', 'credentials come from the environment, not from here')
  if (!BUCKET.test(host)) throw invalid(url, `'${host}' is not the name of a bucket`)
  if (hash !== '') throw invalid(url, `'${hash}' means nothing here`)
  for (const key of searchParams.keys())
    if (!OPTIONS.includes(key)) throw invalid(url, `there is no option '${key}'${didYouMean(key, OPTIONS)}`)
  const endpoint = searchParams.get('endpoint') ?? undefined
  const region = searchParams.get('region') ?? undefined
  if (endpoint !== undefined) checkEndpoint(url, endpoint)
  return {
    bucket: host,
    prefix: toPrefix(url, pathname),
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    pathStyle: toSwitch(url, searchParams.get('pathStyle'), endpoint !== undefined),
  }
}

/** The one way to write a location, from which `parseS3Url` makes the same again. */
export function formatS3Url({ bucket, prefix, endpoint, region, pathStyle }: S3Location): string {
  const options = [
    ...(endpoint === undefined ? [] : [`endpoint=${endpoint}`]),
    ...(region === undefined ? [] : [`region=${region}`]),
    ...(pathStyle === (endpoint !== undefined) ? [] : [`pathStyle=${pathStyle}`]),
  ]
  const path = prefix.split('/').map(encodeURIComponent).join('/')
  return `s3://${bucket}/${path}${options.length > 0 ? `?${options.join('&')}` : ''}`
}

function toPrefix(url: string, pathname: string): string {
  const parts = decodeURIComponent(pathname).split('/').filter(Boolean)
  if (parts.some((part) => part === '.' || part === '..')) throw invalid(url, "a prefix has no '..'")
  return parts.map((part) => `${part}/`).join('')
}

function checkEndpoint(url: string, endpoint: string): void {
  const parsed = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (parsed?.username || parsed?.password)
    throw invalid('s3://***', 'credentials come from the environment, not from here')
  const isBare = parsed?.pathname === '/' && parsed.search === '' && parsed.hash === ''
  if (parsed && isBare && /^https?:$/.test(parsed.protocol)) return
  throw invalid(url, `'${endpoint}' is not an endpoint such as http://127.0.0.1:9000`)
}

function toSwitch(url: string, text: string | null, otherwise: boolean): boolean {
  if (text === null) return otherwise
  if (text === 'true' || text === 'false') return text === 'true'
  throw invalid(url, `pathStyle is true or false, not '${text}'`)
}

const invalid = (url: string, why: string): FivefoldError =>
  new FivefoldError('OPTION_INVALID', `${url.slice(0, 300)}: ${why}`, {
    remedy: 'Write s3://bucket/prefix, with ?endpoint=http://host:port and &region=name where it is not AWS.',
  })
