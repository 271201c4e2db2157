import type { CompletedPart } from '@aws-sdk/client-s3'
import { FivefoldError } from '../../../core/index.ts'
import { eachOf } from './pieces.ts'
import type { S3Connection } from './s3-client.ts'
import { isMissing } from './s3-errors.ts'

/** An object in a bucket, as commands name it. */
export interface S3Target {
  readonly Bucket: string
  readonly Key: string
}

/** The same for all parts of an upload, since some makers ask for that; the protocol ends at 10,000 parts. */
export const PART_BYTES = 16 * 2 ** 20
const MAX_PARTS = 10_000
const PARTS_AT_ONCE = 2

const COPY_PART_BYTES = 512 * 2 ** 20
const COPIES_AT_ONCE = 8

/** Uploads pieces of `PART_BYTES` as one object; returns its size. `check` runs before the object is there, and may throw. */
export function putInParts(
  connection: S3Connection,
  target: S3Target,
  pieces: AsyncIterable<Uint8Array>,
  check: () => void,
): Promise<number> {
  const { sdk, client } = connection
  return asOneUpload(connection, target, async (UploadId, parts) => {
    let sizeBytes = 0
    await eachOf(pieces, PARTS_AT_ONCE, async (Body, index) => {
      if (index >= MAX_PARTS)
        throw new FivefoldError('REQUEST_TOO_LARGE', `the content is larger than ${MAX_PARTS * PART_BYTES} bytes`)
      sizeBytes += Body.length
      const PartNumber = index + 1
      const { ETag } = await client.send(new sdk.UploadPartCommand({ ...target, UploadId, PartNumber, Body }))
      parts[index] = { PartNumber, ETag }
    })
    check()
    return sizeBytes
  })
}

/** Copies an object that is too large for one call. */
export function copyInParts(
  connection: S3Connection,
  target: S3Target,
  CopySource: string,
  sizeBytes: number,
): Promise<number> {
  const { sdk, client } = connection
  const starts = Array.from({ length: Math.ceil(sizeBytes / COPY_PART_BYTES) }, (_, part) => part * COPY_PART_BYTES)
  return asOneUpload(connection, target, async (UploadId, parts) => {
    await eachOf(starts, COPIES_AT_ONCE, async (start, index) => {
      const CopySourceRange = `bytes=${start}-${Math.min(start + COPY_PART_BYTES, sizeBytes) - 1}`
      const PartNumber = index + 1
      const command = new sdk.UploadPartCopyCommand({ ...target, UploadId, PartNumber, CopySource, CopySourceRange })
      parts[index] = { PartNumber, ETag: (await client.send(command)).CopyPartResult?.ETag }
    })
    return sizeBytes
  })
}

/** The parts that `fill` brings become an object at once; where it fails, nothing is left of them. */
async function asOneUpload(
  { sdk, client }: S3Connection,
  target: S3Target,
  fill: (uploadId: string, parts: CompletedPart[]) => Promise<number>,
): Promise<number> {
  const { UploadId = '' } = await client.send(new sdk.CreateMultipartUploadCommand(target))
  try {
    const Parts: CompletedPart[] = []
    const sizeBytes = await fill(UploadId, Parts)
    await complete({ sdk, client }, target, { UploadId, Parts, sizeBytes })
    return sizeBytes
  } catch (error) {
    // What cannot be removed now is found by the sweep.
    await client.send(new sdk.AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => {})
    throw error
  }
}

/** Where an answer was lost on its way, the repetition is told that there is no such upload: it has become the object. */
async function complete(
  { sdk, client }: S3Connection,
  target: S3Target,
  { UploadId, Parts, sizeBytes }: { UploadId: string; Parts: CompletedPart[]; sizeBytes: number },
): Promise<void> {
  try {
    const MultipartUpload = { Parts }
    await client.send(new sdk.CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload }))
  } catch (error) {
    if (!isMissing(error)) throw error
    const { ContentLength } = await client.send(new sdk.HeadObjectCommand(target))
    if (ContentLength !== sizeBytes) throw error
  }
}
