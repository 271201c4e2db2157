import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openTrackingStore } from '../../index.ts'
import { TRACKING_STORE_CONTRACT } from '../../tracking-store.contract.ts'
import { CONTENT_STORE_CONTRACT } from '../content-store.contract.ts'
import type { ContentStore } from '../content-store.ts'
import { createS3Content, type S3ContentOptions } from './s3-content.ts'
import { parseS3Url, type S3Location } from './s3-location.ts'
import { type Fault, type ReferenceS3, type S3Request, startReferenceS3 } from './s3-server.reference.ts'

let folder: string
let s3: ReferenceS3
let stores: ContentStore[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-s3-'))
  await mkdir(join(folder, 'work'))
  s3 = await startReferenceS3()
  stores = []
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const store of stores) await store.close()
  await s3.close()
  await rm(folder, { recursive: true })
})

const address = (bucket = s3.bucket): string => `s3://${bucket}/team a/store?endpoint=${s3.endpoint}`

function open(options: Partial<S3ContentOptions> = {}, location: S3Location = parseS3Url(address())): ContentStore {
  const timing = { stalledMs: 300, attempts: 3 }
  const store = createS3Content(location, { cache: join(folder, 'cache'), timing, ...options })
  stores.push(store)
  return store
}

async function* bytesOf(content: string | Buffer): AsyncIterable<Uint8Array> {
  yield Buffer.from(content)
}

const textOf = async (source: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of source) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** The given failures, one after the other, for the requests that a rule picks; all others pass. */
function failFor(picks: (request: S3Request) => boolean, ...faults: Fault[]): void {
  s3.fault = (request) => (picks(request) ? faults.shift() : undefined)
}

const LARGE = Buffer.alloc(40 * 2 ** 20, 'large')
const isPart = ({ method, query }: S3Request): boolean => method === 'PUT' && query.has('partNumber')
const isRead = ({ method, key }: S3Request): boolean => method === 'GET' && key.includes('/artifacts/')

describe('content in S3', () => {
  it.each(CONTENT_STORE_CONTRACT)('$name', ({ run }) => run(open(), join(folder, 'work')))

  it('lies under the names that it has on disk', async () => {
    const { sha256 } = await open().addStream(bytesOf('x'))
    expect([...s3.objects.keys()]).toEqual([`team a/store/artifacts/${sha256.slice(0, 2)}/${sha256}`])
    expect(open().placeOfFile(sha256)).toBe(`s3://a-bucket/team a/store/artifacts/${sha256.slice(0, 2)}/${sha256}`)
  })

  it('comes through failures that pass', async () => {
    const store = open()
    failFor(
      isPart,
      { kind: 'status', status: 500, code: 'InternalError' },
      { kind: 'cut' },
      { kind: 'status', status: 503, code: 'SlowDown' },
      { kind: 'silence' },
    )
    const content = await store.addStream(bytesOf(LARGE))
    failFor(isRead, { kind: 'cut' }, { kind: 'cut', afterBytes: 1_000_000 }, { kind: 'cut', afterBytes: 9_000_000 })
    expect(await textOf(store.openFile(content))).toBe(LARGE.toString())
    const ranges = s3.requests.filter(isRead).length
    expect(ranges).toBe(4)
  })

  it('is the object where the answer to the last call was lost', async () => {
    const store = open()
    let lost = 0
    s3.fault = ({ method, query }) => {
      if (method !== 'POST' || !query.has('uploadId') || lost++ > 0) return undefined
      const { key, parts } = s3.uploads.get(query.get('uploadId')!)!
      s3.objects.set(key, {
        body: Buffer.concat([...parts].sort(([a], [b]) => a - b).map(([, part]) => part)),
        modifiedMs: Date.now(),
      })
      s3.uploads.clear()
      return { kind: 'cut' }
    }
    const content = await store.addStream(bytesOf(LARGE))
    expect(lost).toBe(2)
    expect(await textOf(store.openFile(content))).toBe(LARGE.toString())
  })

  it('leaves nothing of an upload that fails for good', async () => {
    const store = open()
    const failure = { kind: 'status', status: 500, code: 'InternalError' } as const
    failFor(isPart, ...Array.from({ length: 20 }, () => failure))
    await expect(store.addStream(bytesOf(LARGE))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect([s3.uploads.size, s3.objects.size]).toEqual([0, 0])
  })

  it('finds uploads that a killed process left, over pages', async () => {
    const store = open()
    // The client went away and so did we, before the upload could be aborted.
    s3.fault = ({ method, query }) =>
      isPart({ method, query, key: '' }) || (method === 'DELETE' && query.has('uploadId'))
        ? { kind: 'status', status: 400, code: 'BadRequest' }
        : undefined
    for (let i = 0; i < 5; i++) await expect(store.addStream(bytesOf(LARGE))).rejects.toThrow()
    expect(s3.uploads.size).toBe(5)
    s3.fault = () => undefined
    expect(await store.sweepLeftovers(Date.now() - 60_000, false)).toBe(0)
    expect(await store.sweepLeftovers(Date.now() + 1000, false)).toBe(5)
    expect(s3.uploads.size).toBe(0)
  })

  it('holds back what was changed', async () => {
    const store = open()
    const content = await store.addStream(bytesOf(LARGE))
    const [stored] = s3.objects.values()
    stored!.body[LARGE.length - 1] = 0
    const received: Uint8Array[] = []
    const read = async (): Promise<void> => {
      for await (const chunk of store.openFile(content)) received.push(chunk as Uint8Array)
    }
    await expect(read()).rejects.toMatchObject({ code: 'ARTIFACT_DAMAGED' })
    expect(Buffer.concat(received).length).toBeLessThan(LARGE.length)
  })

  it('takes a connection that stays silent for one that is lost', async () => {
    const store = open()
    s3.fault = () => ({ kind: 'silence' })
    await expect(store.addStream(bytesOf('x'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})

describe('models from S3', () => {
  const addModel = async (store: ContentStore, name: string, sizeBytes = 1000): Promise<string> => {
    const path = join(folder, 'work', name)
    await mkdir(path)
    await writeFile(join(path, 'model.onnx'), Buffer.alloc(sizeBytes, name))
    return store.addFolder(path)
  }
  const cached = async (): Promise<string[]> => (await readdir(join(folder, 'cache'))).sort()

  it('are fetched once', async () => {
    const store = open()
    const hash = await addModel(store, 'a')
    await Promise.all([store.fetchFolder(hash), store.fetchFolder(hash)])
    const asked = s3.requests.length
    await store.fetchFolder(hash)
    expect(s3.requests.length).toBe(asked)
    await expect(store.fetchFolder('0'.repeat(64))).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' })
    expect(await cached()).toEqual([hash])
  })

  it('are refused where they were changed, and leave nothing behind', async () => {
    const store = open()
    const hash = await addModel(store, 'a')
    const [stored] = s3.objects.values()
    stored!.body[0] = 0
    await expect(store.fetchFolder(hash)).rejects.toMatchObject({ code: 'ARTIFACT_DAMAGED' })
    expect(await cached()).toEqual([])
  })

  it('make room for one another, those first that were used longest ago', async () => {
    const store = open({ cacheBytes: 2500 })
    const [a, b, c] = [await addModel(store, 'a'), await addModel(store, 'b'), await addModel(store, 'c')]
    for (const [index, hash] of [a, b].entries()) {
      await store.fetchFolder(hash)
      await utimes(join(folder, 'cache', hash), 1000 + index, 1000 + index)
    }
    await store.fetchFolder(a)
    expect((await stat(join(folder, 'cache', a))).mtimeMs).toBeGreaterThan(2_000_000)
    await store.fetchFolder(c)
    expect(await cached()).toEqual([a, c].sort())
    const large = await addModel(store, 'large', 5000)
    await store.fetchFolder(large)
    expect(await cached()).toEqual([large])
  })
})

describe('what is wrong with a place', () => {
  const tried = (url: string): Promise<void> => open({}, parseS3Url(url)).probe()

  it('is said when it is tried', async () => {
    await expect(tried(address('another-bucket'))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('no such bucket') as string,
    })
    await expect(tried('s3://a-bucket?endpoint=http://127.0.0.1:9')).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('does not answer') as string,
    })
    s3.fault = ({ method }) => (method === 'PUT' ? { kind: 'status', status: 403, code: 'AccessDenied' } : undefined)
    await expect(tried(address())).rejects.toMatchObject({ code: 'STORAGE_DENIED' })
    s3.fault = ({ method }) => (method === 'DELETE' ? { kind: 'status', status: 403, code: 'AccessDenied' } : undefined)
    await expect(tried(address())).rejects.toMatchObject({ code: 'STORAGE_DENIED' })
  })

  it('is said where there are no credentials, with what to do', async () => {
    for (const name of [
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_PROFILE',
      'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    ])
      vi.stubEnv(name, undefined)
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'))
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'none'))
    await expect(tried(address())).rejects.toMatchObject({
      code: 'STORAGE_DENIED',
      message: expect.stringContaining('no AWS credentials') as string,
      remedy: expect.stringContaining('AWS_ACCESS_KEY_ID') as string,
    })
  })

  it('finds credentials in the shared files', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined)
    const file = join(folder, 'credentials')
    await writeFile(file, '[team]\naws_access_key_id = key\naws_secret_access_key = secret\n')
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file)
    vi.stubEnv('AWS_PROFILE', 'team')
    await tried(address())
  })
})

describe('a tracking store with artifacts in S3', () => {
  const path = (): string => join(folder, 'store', 'fivefold.db')

  it.each(TRACKING_STORE_CONTRACT)('$name', async ({ run }) => {
    await using store = await openTrackingStore(path(), { artifacts: address() })
    await run(store, join(folder, 'work'))
    const local = await readdir(join(folder, 'store'))
    expect(local.filter((name) => ['artifacts', 'models', 'incoming', 'uploads'].includes(name))).toEqual([])
  })

  it('remembers where they lie, and is not moved by mistake', async () => {
    {
      await using store = await openTrackingStore(path(), { artifacts: address() })
      await store.writeArtifact('a', bytesOf('text'))
    }
    {
      await using store = await openTrackingStore(path())
      const { stream } = await store.openArtifact('a')
      expect(await textOf(stream())).toBe('text')
    }
    for (const artifacts of [`s3://a-bucket/other?endpoint=${s3.endpoint}`, join(folder, 'elsewhere')])
      await expect(openTrackingStore(path(), { artifacts })).rejects.toMatchObject({ code: 'STORE_CONFLICT' })
    await using moved = await openTrackingStore(path(), { artifacts: join(folder, 'elsewhere'), artifactsMoved: true })
    await expect(openTrackingStore(path(), { artifacts: address() })).rejects.toMatchObject({ code: 'STORE_CONFLICT' })
    await moved.checkArtifacts()
  })

  it('does not leave what it holds on disk for S3 unless told so', async () => {
    {
      await using store = await openTrackingStore(path())
      await store.writeArtifact('a', bytesOf('text'))
    }
    await expect(openTrackingStore(path(), { artifacts: address() })).rejects.toMatchObject({
      code: 'STORE_CONFLICT',
      remedy: expect.stringContaining('--artifacts-moved') as string,
    })
  })
})
