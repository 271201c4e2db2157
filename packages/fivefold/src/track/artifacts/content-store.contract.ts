import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rejectsWith } from '../contract/contract-case.ts'
import type { Content, ContentStore } from './content-store.ts'

export interface ContentCase {
  readonly name: string
  /** `folder` is an empty folder for files of the case's own. Throws where the store breaks the contract. */
  run(store: ContentStore, folder: string): Promise<void>
}

const MEBIBYTE = 2 ** 20

/** Bytes that no piece of repeats, in chunks of odd sizes. */
async function* numbers(sizeBytes: number, chunkBytes = 77_777): AsyncIterable<Uint8Array> {
  for (let start = 0; start < sizeBytes; start += chunkBytes) {
    const chunk = Buffer.alloc(Math.min(chunkBytes, sizeBytes - start))
    for (let i = 0; i + 4 <= chunk.length; i += 4) chunk.writeUInt32LE((start + i) >>> 0, i)
    yield chunk
  }
}

async function* failing(sizeBytes: number): AsyncIterable<Uint8Array> {
  yield* numbers(sizeBytes)
  throw new Error('the client went away')
}

async function describe(source: AsyncIterable<Uint8Array>): Promise<Content> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  for await (const chunk of source) {
    hash.update(chunk)
    sizeBytes += chunk.length
  }
  return { sha256: hash.digest('hex'), sizeBytes }
}

const textOf = async (source: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of source) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function* bytesOf(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text)
}

async function allOlderThan(store: ContentStore, timeMs: number): Promise<Content[]> {
  const found: Content[] = []
  for await (const group of store.filesOlderThan(timeMs)) found.push(...group)
  return found.sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1))
}

/** Later than the clock of any storage. */
const FUTURE_MS = Date.now() + 10 * 365 * 86_400_000

/** What every store of content must do, wherever it lies. Each case is given an empty store. */
export const CONTENT_STORE_CONTRACT: readonly ContentCase[] = [
  {
    name: 'gives back what streams brought, of any size',
    async run(store) {
      for (const sizeBytes of [0, 1, 16 * MEBIBYTE, 16 * MEBIBYTE + 1, 50 * MEBIBYTE]) {
        const expected = await describe(numbers(sizeBytes))
        assert.deepEqual(await store.addStream(numbers(sizeBytes)), expected, String(sizeBytes))
        assert.deepEqual(await describe(store.openFile(expected)), expected, String(sizeBytes))
      }
    },
  },
  {
    name: 'keeps the same content once, and nothing of what did not arrive whole',
    async run(store) {
      const kept = await store.addStream(bytesOf('same'))
      await Promise.all([store.addStream(bytesOf('same')), store.addStream(bytesOf('same'))])
      await assert.rejects(store.addStream(failing(1000)))
      await assert.rejects(store.addStream(failing(40 * MEBIBYTE)))
      await rejectsWith(store.addStream(bytesOf('12345'), 4), 'REQUEST_TOO_LARGE')
      await rejectsWith(store.addStream(numbers(40 * MEBIBYTE), 39 * MEBIBYTE), 'REQUEST_TOO_LARGE')
      assert.deepEqual(await allOlderThan(store, FUTURE_MS), [kept])
      assert.equal(await store.sweepLeftovers(FUTURE_MS, true), 0)
    },
  },
  {
    name: 'says what nobody has brought since a time, and forgets it',
    async run(store) {
      const [first, second] = [await store.addStream(bytesOf('one')), await store.addStream(bytesOf('two'))]
      const many = await Promise.all(Array.from({ length: 7 }, (_, i) => store.addStream(bytesOf(`more ${i}`))))
      assert.deepEqual(await allOlderThan(store, Date.now() - 60_000), [])
      assert.equal((await allOlderThan(store, FUTURE_MS)).length, 9)
      await store.removeFiles([first.sha256, ...many.map(({ sha256 }) => sha256), '0'.repeat(64)])
      assert.deepEqual(await allOlderThan(store, FUTURE_MS), [second])
      assert.equal(await textOf(store.openFile(second)), 'two')
      await assert.rejects(textOf(store.openFile(first)))
    },
  },
  {
    name: 'copies files and folders, and gives folders back as they were',
    async run(store, folder) {
      const bundle = join(folder, 'bundle')
      await mkdir(join(bundle, 'data', 'deep er'), { recursive: true })
      await writeFile(join(bundle, 'MLmodel'), 'flavors')
      await writeFile(join(bundle, 'data', 'deep er', 'ä+b.txt'), 'text')
      await writeFile(join(bundle, 'large.bin'), Buffer.alloc(17 * MEBIBYTE, 'x'))
      const files = await store.addFiles(bundle)
      assert.deepEqual(
        files.map(({ name }) => name),
        ['MLmodel', 'data/deep er/ä+b.txt', 'large.bin'],
      )
      const hash = await store.addFolder(bundle)
      assert.deepEqual([await store.addTree(files), await store.addFolder(bundle)], [hash, hash])
      await rm(bundle, { recursive: true })
      const found = (await store.filesOfFolder(hash)).sort((a, b) => (a.name < b.name ? -1 : 1))
      assert.deepEqual(
        found.map(({ name, sizeBytes }) => [name, sizeBytes]),
        [
          ['MLmodel', 7],
          ['data/deep er/ä+b.txt', 4],
          ['large.bin', 17 * MEBIBYTE],
        ],
      )
      assert.equal(await textOf(store.openFolderFile(hash, found[1]!)), 'text')
      const paths = await Promise.all([store.fetchFolder(hash), store.fetchFolder(hash)])
      assert.deepEqual(paths, [store.pathOfFolder(hash), store.pathOfFolder(hash)])
      assert.deepEqual((await readdir(paths[0])).sort(), ['MLmodel', 'data', 'large.bin'])
      assert.equal(await readFile(join(paths[0], 'data', 'deep er', 'ä+b.txt'), 'utf8'), 'text')
      assert.deepEqual(await store.filesOfFolder('0'.repeat(64)), [])
      const [single] = await store.addFiles(join(paths[0], 'MLmodel'))
      assert.deepEqual([single?.name, single?.sizeBytes], ['', 7])
      await assert.rejects(store.addFolder(join(folder, 'absent')))
    },
  },
  {
    name: 'makes a tree of files that were added one by one',
    async run(store) {
      const content = await store.addStream(bytesOf('graph'))
      const hash = await store.addTree([
        { name: 'data/model.onnx', ...content },
        { name: 'MLmodel', ...(await store.addStream(bytesOf('flavors'))) },
      ])
      const path = await store.fetchFolder(hash)
      assert.equal(await readFile(join(path, 'data', 'model.onnx'), 'utf8'), 'graph')
      assert.equal(await store.addFolder(path), hash)
    },
  },
  {
    name: 'holds parts of uploads, replaces and discards them',
    async run({ uploads }) {
      const id = 'ab'.repeat(16)
      assert.equal(await uploads.pathOf(id), undefined)
      await uploads.begin(id, '1/r/artifacts/ä large')
      assert.equal(await uploads.pathOf(id), '1/r/artifacts/ä large')
      await uploads.writePart(id, 2, bytesOf('old'))
      await uploads.writePart(id, 10, bytesOf('ten'))
      await uploads.writePart(id, 2, numbers(17 * MEBIBYTE))
      await assert.rejects(uploads.writePart(id, 3, failing(1000)))
      assert.deepEqual((await uploads.listParts(id)).sort(), [10, 2])
      assert.deepEqual(await describe(uploads.readPart(id, 2)), await describe(numbers(17 * MEBIBYTE)))
      assert.equal(await textOf(uploads.readPart(id, 10)), 'ten')
      await uploads.discard(id)
      assert.equal(await uploads.pathOf(id), undefined)
    },
  },
  {
    name: 'sweeps uploads that were given up',
    async run(store) {
      const kept = await store.addStream(bytesOf('kept'))
      for (const id of ['ab'.repeat(16), 'cd'.repeat(16)]) {
        await store.uploads.begin(id, 'x')
        await store.uploads.writePart(id, 1, bytesOf('part'))
      }
      assert.equal(await store.sweepLeftovers(Date.now() - 60_000, false), 0)
      assert.equal(await store.sweepLeftovers(FUTURE_MS, true), 2)
      assert.equal(await store.uploads.pathOf('ab'.repeat(16)), 'x')
      assert.equal(await store.sweepLeftovers(FUTURE_MS, false), 2)
      assert.equal(await store.uploads.pathOf('ab'.repeat(16)), undefined)
      assert.deepEqual(await allOlderThan(store, FUTURE_MS), [kept])
    },
  },
  {
    name: 'can be tried, and is none the fuller',
    async run(store) {
      await store.probe()
      assert.equal(await store.sweepLeftovers(FUTURE_MS, true), 0)
      assert.deepEqual(await allOlderThan(store, FUTURE_MS), [])
    },
  },
]
