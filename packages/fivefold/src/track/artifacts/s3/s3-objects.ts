import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { ListMultipartUploadsCommandOutput } from '@aws-sdk/client-s3'
import { FivefoldError } from '../../../core/index.ts'
import { copyInParts, PART_BYTES, putInParts, type S3Target } from './multipart.ts'
import { inPieces } from './pieces.ts'
import { connectS3, type S3Connection, type S3Timing } from './s3-client.ts'
import { explainS3, isMissing } from './s3-errors.ts'
import type { S3Location } from './s3-location.ts'

export interface S3Entry {
  readonly key: string
  readonly sizeBytes: number
  readonly modifiedMs: number
}

/** Where content that is on its way lies, until its key is known. */
export const INCOMING = 'incoming/'

/** Objects of a bucket below a prefix; keys are relative to it. What is written is there whole or not at all. */
export interface S3Objects {
  /** As people and other tools write it. */
  addressOf(key: string): string
  put(key: string, content: string | Uint8Array): Promise<void>
  /**
   * Writes a stream of any length in bounded memory. Its key is asked for once all of it has gone by, and may be refused then
   * by throwing. `key`, where it is known before, saves a copy of what is large.
   */
  putStream(source: AsyncIterable<Uint8Array>, keyAtEnd: () => string, key?: string): Promise<void>
  /** Copies inside the storage. */
  copy(from: string, to: string, sizeBytes: number): Promise<void>
  /** Goes on where a connection was cut. Throws ARTIFACT_NOT_FOUND. */
  read(key: string): AsyncIterable<Uint8Array>
  list(prefix: string): AsyncIterable<readonly S3Entry[]>
  remove(key: string): Promise<void>
  /** Uploads in parts that were begun before a time and neither completed nor aborted. */
  unfinishedSince(timeMs: number): Promise<{ abort(): Promise<void> }[]>
  close(): Promise<void>
}

/** The most that S3 copies in one call. */
const COPY_BYTES = 5 * 10 ** 9
const READ_ATTEMPTS = 5
const RETRY_MS = 200

/** Connects when something is first asked for. */
export function createS3Objects(location: S3Location, timing: S3Timing = {}): S3Objects {
  const { bucket: Bucket, prefix } = location
  let connecting: Promise<S3Connection> | undefined
  const connected = (): Promise<S3Connection> => {
    connecting ??= connectS3(location, timing)
    return connecting
  }
  const targetOf = (key: string): S3Target => ({ Bucket, Key: `${prefix}${key}` })
  const calling = async <T>(work: (connection: S3Connection) => Promise<T>): Promise<T> => {
    try {
      return await work(await connected())
    } catch (error) {
      throw explainS3(error, location)
    }
  }

  const put: S3Objects['put'] = (key, Body) =>
    calling(async ({ sdk, client }) => {
      await client.send(new sdk.PutObjectCommand({ ...targetOf(key), Body }))
    })
  const copy: S3Objects['copy'] = (from, to, sizeBytes) =>
    calling(async (connection) => {
      const CopySource = `${Bucket}/${prefix}${from}`.split('/').map(encodeURIComponent).join('/')
      const { sdk, client } = connection
      if (sizeBytes > COPY_BYTES) await copyInParts(connection, targetOf(to), CopySource, sizeBytes)
      else await client.send(new sdk.CopyObjectCommand({ ...targetOf(to), CopySource }))
    })
  const remove: S3Objects['remove'] = (key) =>
    calling(async ({ sdk, client }) => {
      await client.send(new sdk.DeleteObjectCommand(targetOf(key)))
    })

  return {
    addressOf: (key) => `s3://${Bucket}/${prefix}${key}`,
    put,
    copy,
    remove,
    async putStream(source, keyAtEnd, key) {
      const pieces = inPieces(source, PART_BYTES)[Symbol.asyncIterator]()
      const first = await pieces.next()
      const second = await pieces.next()
      if (second.done) return put(keyAtEnd(), first.value as Buffer)
      const all = chained([first.value as Buffer, second.value as Buffer], pieces)
      const arriving = key ?? `${INCOMING}${randomBytes(12).toString('hex')}`
      const sizeBytes = await calling((connection) =>
        putInParts(connection, targetOf(arriving), all, () => void keyAtEnd()),
      )
      if (arriving === keyAtEnd()) return
      try {
        await copy(arriving, keyAtEnd(), sizeBytes)
      } finally {
        await remove(arriving)
      }
    },
    read: (key) => readObject(connected, targetOf(key), location),
    list: (folder) => listObjects(connected, { Bucket, prefix, folder }, location),
    unfinishedSince: (timeMs) =>
      calling(async (connection) => {
        const found = await listUnfinished(connection, Bucket, prefix, timeMs)
        const { sdk, client } = connection
        return found.map((upload) => ({
          abort: () =>
            calling(async () => {
              await client.send(new sdk.AbortMultipartUploadCommand(upload))
            }),
        }))
      }),
    async close() {
      if (connecting) (await connecting).client.destroy()
    },
  }
}

async function* chained<T>(first: readonly T[], rest: AsyncIterator<T>): AsyncIterable<T> {
  yield* first
  yield* { [Symbol.asyncIterator]: () => rest }
}

/** Everything of an object that is known to be small. */
export async function readText(objects: Pick<S3Objects, 'read'>, key: string): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of objects.read(key)) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

async function* readObject(
  connected: () => Promise<S3Connection>,
  target: S3Target,
  location: S3Location,
): AsyncIterable<Uint8Array> {
  let offset = 0
  let sizeBytes: number | undefined
  let failures = 0
  for (;;) {
    const body = await openFrom(connected, target, offset, location)
    sizeBytes ??= body.sizeBytes
    try {
      for await (const chunk of body.stream) {
        offset += chunk.length
        failures = 0
        yield chunk
      }
      if (offset >= sizeBytes) return
      throw new Error(`the connection was cut after ${offset} of ${sizeBytes} bytes`)
    } catch (error) {
      if (++failures >= READ_ATTEMPTS) throw explainS3(error, location)
      await delay(RETRY_MS * 2 ** failures)
    }
  }
}

async function openFrom(
  connected: () => Promise<S3Connection>,
  target: S3Target,
  offset: number,
  location: S3Location,
): Promise<{ stream: AsyncIterable<Uint8Array>; sizeBytes: number }> {
  try {
    const { sdk, client } = await connected()
    const Range = offset > 0 ? { Range: `bytes=${offset}-` } : {}
    const { Body, ContentLength = 0 } = await client.send(new sdk.GetObjectCommand({ ...target, ...Range }))
    return { stream: Body as AsyncIterable<Uint8Array>, sizeBytes: ContentLength }
  } catch (error) {
    if (isMissing(error))
      throw new FivefoldError('ARTIFACT_NOT_FOUND', `there is nothing at s3://${target.Bucket}/${target.Key}`, {
        cause: error,
      })
    throw explainS3(error, location)
  }
}

async function* listObjects(
  connected: () => Promise<S3Connection>,
  { Bucket, prefix, folder }: { Bucket: string; prefix: string; folder: string },
  location: S3Location,
): AsyncIterable<S3Entry[]> {
  let ContinuationToken: string | undefined
  do {
    try {
      const { sdk, client } = await connected()
      const command = new sdk.ListObjectsV2Command({ Bucket, Prefix: `${prefix}${folder}`, ContinuationToken })
      const { Contents = [], NextContinuationToken } = await client.send(command)
      ContinuationToken = NextContinuationToken
      yield Contents.map(({ Key = '', Size = 0, LastModified }) => ({
        key: Key.slice(prefix.length),
        sizeBytes: Size,
        modifiedMs: LastModified?.getTime() ?? 0,
      }))
    } catch (error) {
      throw explainS3(error, location)
    }
  } while (ContinuationToken !== undefined)
}

async function listUnfinished(
  { sdk, client }: S3Connection,
  Bucket: string,
  Prefix: string,
  timeMs: number,
): Promise<(S3Target & { UploadId: string })[]> {
  const found: (S3Target & { UploadId: string })[] = []
  let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {}
  while (marker) {
    const page: ListMultipartUploadsCommandOutput = await client.send(
      new sdk.ListMultipartUploadsCommand({ Bucket, Prefix, ...marker }),
    )
    for (const { Key = '', UploadId = '', Initiated } of page.Uploads ?? [])
      if ((Initiated?.getTime() ?? 0) < timeMs) found.push({ Bucket, Key, UploadId })
    const next = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
    marker = page.IsTruncated ? next : undefined
  }
  return found
}
