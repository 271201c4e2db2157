import type { S3Client } from '@aws-sdk/client-s3'
import { FivefoldError } from '../../../core/index.ts'
import type { S3Location } from './s3-location.ts'

export type S3Sdk = typeof import('@aws-sdk/client-s3')

export interface S3Connection {
  readonly sdk: S3Sdk
  readonly client: S3Client
}

const CONNECT_MS = 5000
/** An answer that makes no progress for so long is given up. */
const STALLED_MS = 30_000
const ATTEMPTS = 5

export interface S3Timing {
  readonly stalledMs?: number
  readonly attempts?: number
}

/**
 * The client of AWS, loaded when artifacts lie in S3 and not before: it is an optional peer, since it weighs more than the rest
 * of the server. Checksums beyond the hash that signs a request are left out: storage of other makers refuses them.
 */
export async function connectS3(location: S3Location, timing: S3Timing = {}): Promise<S3Connection> {
  const { endpoint, region, pathStyle } = location
  const sdk = await loadSdk()
  const client = new sdk.S3Client({
    ...(endpoint !== undefined && { endpoint }),
    // Other makers have no regions, but signatures hold one.
    ...((region !== undefined || endpoint !== undefined) && { region: region ?? 'us-east-1' }),
    forcePathStyle: pathStyle,
    maxAttempts: timing.attempts ?? ATTEMPTS,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: timing.stalledMs ?? STALLED_MS },
  })
  return { sdk, client }
}

async function loadSdk(): Promise<S3Sdk> {
  try {
    return await import('@aws-sdk/client-s3')
  } catch (cause) {
    throw new FivefoldError('OPTION_INVALID', 'artifacts in S3 need the package @aws-sdk/client-s3', {
      cause,
      remedy: 'Run `npm install @aws-sdk/client-s3` beside fivefold.',
    })
  }
}
