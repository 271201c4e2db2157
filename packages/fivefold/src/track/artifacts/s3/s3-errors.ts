import { type ErrorCode, FivefoldError } from '../../../core/index.ts'
import { formatS3Url, type S3Location } from './s3-location.ts'

interface Explanation {
  readonly code: ErrorCode
  readonly what: string
  readonly remedy?: string
}

const NO_CREDENTIALS: Explanation = {
  code: 'STORAGE_DENIED',
  what: 'there are no AWS credentials',
  remedy:
    'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; ~/.aws/credentials and roles are found as well.',
}
const DENIED: Explanation = {
  code: 'STORAGE_DENIED',
  what: 'access is denied',
  remedy: 'Allow s3:GetObject, PutObject, DeleteObject, ListBucket and AbortMultipartUpload below the prefix.',
}
const NO_BUCKET: Explanation = {
  code: 'STORE_UNAVAILABLE',
  what: 'there is no such bucket',
  remedy: 'Make the bucket, or correct its name, the endpoint and the region.',
}
const NO_REGION: Explanation = {
  code: 'OPTION_INVALID',
  what: 'the region is not the one of the bucket, or missing',
  remedy: 'Add ?region=name to the address, or set AWS_REGION.',
}
const UNREACHABLE: Explanation = {
  code: 'STORE_UNAVAILABLE',
  what: 'the storage does not answer',
  remedy: 'Check the endpoint, and that it can be reached from here.',
}
const FULL: Explanation = { code: 'STORAGE_FULL', what: 'the storage is full' }

const BY_NAME: Readonly<Record<string, Explanation>> = {
  CredentialsProviderError: NO_CREDENTIALS,
  InvalidAccessKeyId: DENIED,
  SignatureDoesNotMatch: DENIED,
  ExpiredToken: DENIED,
  AccessDenied: DENIED,
  NoSuchBucket: NO_BUCKET,
  PermanentRedirect: NO_REGION,
  AuthorizationHeaderMalformed: NO_REGION,
  XMinioStorageFull: FULL,
  TimeoutError: UNREACHABLE,
  ECONNREFUSED: UNREACHABLE,
  ECONNRESET: UNREACHABLE,
  ENOTFOUND: UNREACHABLE,
  EAI_AGAIN: UNREACHABLE,
  ETIMEDOUT: UNREACHABLE,
  EPIPE: UNREACHABLE,
}

const BY_STATUS: Readonly<Record<number, Explanation>> = { 301: NO_REGION, 401: DENIED, 403: DENIED }

/** What went wrong in S3, as an error of ours. */
export function explainS3(thrown: unknown, location: S3Location): FivefoldError {
  if (thrown instanceof FivefoldError) return thrown
  const { name, code, message, status } = describe(thrown)
  const known =
    BY_NAME[name] ??
    BY_NAME[code] ??
    (message.includes('Region is missing') ? NO_REGION : undefined) ??
    (status === undefined ? undefined : BY_STATUS[status])
  const place = formatS3Url(location)
  if (known)
    return new FivefoldError(known.code, `${place}: ${known.what} (${message || name})`, {
      cause: thrown,
      ...(known.remedy !== undefined && { remedy: known.remedy }),
    })
  const what = status === undefined ? message : `${status} ${name}: ${message}`
  return new FivefoldError('STORE_UNAVAILABLE', `${place}: ${what}`, { cause: thrown })
}

/** Whether what was asked for is not there, as opposed to everything else that fails. */
export function isMissing(thrown: unknown): boolean {
  const { name } = describe(thrown)
  return name === 'NoSuchKey' || name === 'NotFound' || name === 'NoSuchUpload'
}

function describe(thrown: unknown): { name: string; code: string; message: string; status?: number } {
  if (!(thrown instanceof Error)) return { name: '', code: '', message: String(thrown) }
  const { $metadata, code } = thrown as { $metadata?: { httpStatusCode?: number }; code?: unknown }
  const status = $metadata?.httpStatusCode
  return {
    name: thrown.name,
    code: typeof code === 'string' ? code : '',
    message: thrown.message,
    ...(status !== undefined && { status }),
  }
}
