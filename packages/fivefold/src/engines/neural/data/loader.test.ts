import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { createArrayDataset } from './array-dataset.ts'
import { collect, imageDataset } from './batches.reference.ts'
import { openModuleDataset } from './dataset.ts'
import { createLoader, type LoaderOptions } from './loader.ts'
import type { TransformOptions } from './transforms/transforms.ts'

const context = createContext({ seed: 11 })
const TRANSFORMS: readonly TransformOptions[] = [
  { kind: 'flip', field: 'image' },
  { kind: 'crop', field: 'image', padding: 2, mode: 'reflect' },
  { kind: 'cutout', field: 'image', size: 3 },
  { kind: 'brightness', field: 'image', amount: 0.3 },
  { kind: 'contrast', field: 'image', amount: 0.3 },
  { kind: 'normalize', field: 'image', mean: [127, 127, 127], deviation: [70, 70, 70] },
  { kind: 'mixup', field: 'image', target: 'target' },
  { kind: 'cutmix', field: 'image', target: 'target' },
]

async function epochOf(options: LoaderOptions, epoch: number, firstBatch?: number) {
  const loader = createLoader(imageDataset(23), options, context)
  try {
    return await collect(loader.epoch(epoch, firstBatch))
  } finally {
    await loader.close()
  }
}

const folder = mkdtempSync(join(tmpdir(), 'fivefold-loader-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function moduleOf(name: string, body: string): URL {
  const path = join(folder, `${name}.mjs`)
  writeFileSync(path, body)
  return pathToFileURL(path)
}

const SQUARES = `export const createDataset = async ({ length }) => ({
  length,
  fields: [{ name: 'square', type: 'float32', shape: [] }],
  async read(indices, { square }) {
    if (indices.includes(7)) throw new Error('sample 7 is broken')
    await new Promise((resolve) => setTimeout(resolve, indices[0] % 3))
    indices.forEach((sample, row) => { square[row] = sample * sample })
  },
})`

describe('data loader', () => {
  it('gives each sample once an epoch, and pads the last batch with weights of zero', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(5),
        async (n, size, epoch) => {
          const dataset = createArrayDataset({ x: { data: Int32Array.from({ length: n }, (_, i) => i * 10) } })
          const loader = createLoader(dataset, { batchSize: size }, context)
          const batches = await collect(loader.epoch(epoch))
          expect(batches).toHaveLength(loader.batchCount)
          const rows = batches.flatMap(({ fields, weights, samples, rowCount }) => {
            expect([...fields.x!]).toEqual(Array.from(samples, (sample) => sample * 10))
            expect([...weights]).toEqual(Array.from({ length: size }, (_, row) => (row < rowCount ? 1 : 0)))
            return [...samples.subarray(0, rowCount)]
          })
          expect(rows.toSorted((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i))
        },
      ),
    )
  })

  it('drops what does not fill a batch where it is told so', async () => {
    const batches = await epochOf({ batchSize: 5, last: 'drop' }, 0)
    expect(batches.map(({ rowCount }) => rowCount)).toEqual([5, 5, 5, 5])
  })

  it.each([1, 3])('gives the same batches with %i workers as with none', async (workers) => {
    const options = { batchSize: 4, transforms: TRANSFORMS }
    expect(await epochOf({ ...options, workers }, 3)).toEqual(await epochOf(options, 3))
  })

  it('goes on within an epoch as if it had not stopped', async () => {
    const options = { batchSize: 4, transforms: TRANSFORMS }
    const whole = await epochOf(options, 2)
    expect(await epochOf(options, 2, 3)).toEqual(whole.slice(3))
    expect(await epochOf({ ...options, workers: 1 }, 2, 5)).toEqual(whole.slice(5))
    expect(await epochOf(options, 2, 6)).toEqual([])
  })

  it('gives other epochs and seeds another order and other augmentation', async () => {
    const options = { batchSize: 23, transforms: [TRANSFORMS[2]!] }
    const [a] = await epochOf(options, 0)
    const [b] = await epochOf(options, 1)
    const [c] = await epochOf({ ...options, seed: 12 }, 0)
    expect(a!.samples).not.toEqual(b!.samples)
    expect(a!.samples).not.toEqual(c!.samples)
    const sequential = { ...options, sampling: { kind: 'sequential' } } as const
    const [d] = await epochOf(sequential, 0)
    const [e] = await epochOf(sequential, 1)
    expect(d!.samples).toEqual(e!.samples)
    expect(d!.fields.image).not.toEqual(e!.fields.image)
  })

  it('prepares batches ahead, and no more than it was asked to', async () => {
    let reads = 0
    const fields = [{ name: 'x', type: 'float32', shape: [] }] as const
    const dataset = { length: 20, fields, read: () => void reads++ }
    const batches = createLoader(dataset, { batchSize: 2, prefetch: 3 }, context).epoch(0)
    const settle = () => new Promise((resolve) => setImmediate(resolve))
    await batches.next()
    await settle()
    expect(reads).toBe(4)
    await batches.next()
    await settle()
    expect(reads).toBe(5)
  })

  it('reads datasets of modules in workers', async () => {
    const dataset = await openModuleDataset(moduleOf('squares', SQUARES), { length: 6 })
    const loader = createLoader(dataset, { batchSize: 2, workers: 2, sampling: { kind: 'sequential' } }, context)
    const batches = await collect(loader.epoch(0))
    await loader.close()
    expect(batches.flatMap(({ fields }) => [...fields.square!])).toEqual([0, 1, 4, 9, 16, 25])
  })

  it.each([0, 2])('hands on what a dataset throws, with %i workers', async (workers) => {
    const dataset = await openModuleDataset(moduleOf('squares', SQUARES), { length: 12 })
    const loader = createLoader(dataset, { batchSize: 2, workers, sampling: { kind: 'sequential' } }, context)
    const seen: number[] = []
    const read = async () => {
      for await (const { index } of loader.epoch(0)) seen.push(index)
    }
    await expect(read()).rejects.toThrow('sample 7 is broken')
    expect(seen).toEqual([0, 1, 2])
    await loader.close()
  })

  it('does not wait for a worker that died', async () => {
    const dying = `export const createDataset = (options) => ({ length: 4, fields: [{ name: 'x', type: 'uint8', shape: [] }],
      read() { process.exit(3) } })`
    const dataset = await openModuleDataset(moduleOf('dying', dying))
    const loader = createLoader(dataset, { batchSize: 2, workers: 1 }, context)
    await expect(collect(loader.epoch(0))).rejects.toThrow('a data loading thread has ended with code 3')
    await expect(collect(loader.epoch(1))).rejects.toThrow('a data loading thread has ended with code 3')
    await loader.close()
  })

  it('stops when it is told to', async () => {
    const controller = new AbortController()
    const loader = createLoader(imageDataset(20), { batchSize: 2 }, createContext({ signal: controller.signal }))
    const read = async () => {
      for await (const { index } of loader.epoch(0)) if (index === 3) controller.abort()
    }
    await expect(read()).rejects.toThrow(expect.objectContaining({ code: 'CANCELLED' }))
    const closed = createLoader(imageDataset(20), { batchSize: 2, workers: 1 }, context)
    await closed.close()
    await expect(collect(closed.epoch(0))).rejects.toThrow(expect.objectContaining({ code: 'CANCELLED' }))
  })

  it('says what does not fit', async () => {
    const fails = (options: Partial<LoaderOptions>, message: RegExp): void => {
      const create = () => createLoader(imageDataset(4), { batchSize: 2, ...options }, context)
      expect(create).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
      expect(create).toThrow(message)
    }
    fails({ batchSize: 0 }, /batchSize is 0/)
    fails({ batchSize: 5, last: 'drop' }, /4 samples do not fill a batch of 5/)
    fails({ prefetch: 0 }, /prefetch is 0/)
    fails({ sampling: { kind: 'weighted', weights: [1, 2] } }, /2 for 4 samples/)
    fails({ sampling: { kind: 'weighted', weights: [1, 0, 0, -1] } }, /sample 3 has -1/)
    fails({ sampling: { kind: 'weighted', weights: [0, 0, 0, 0] } }, /their sum is 0/)
    fails({ transforms: [{ kind: 'flip', field: 'picture' }] }, /transform 0: the dataset has no field 'picture'/)
    fails({ transforms: [{ kind: 'flip', field: 'label' }] }, /'label' is int64, not float32/)
    fails({ transforms: [{ kind: 'flip', field: 'target' }] }, /shape \[3\], not \[channels, height, width\]/)
    fails({ transforms: [{ kind: 'normalize', field: 'image', mean: [0], deviation: [1] }] }, /has 3 channels/)
    fails(
      { transforms: [{ kind: 'crop', field: 'image', padding: 6, mode: 'reflect' }] },
      /8 x 6 cannot be reflected by 6/,
    )
    fails({ transforms: [{ kind: 'mixup', field: 'image', target: 'label' }] }, /'label' is int64/)
    const { source: _, ...closed } = imageDataset(4)
    expect(() => createLoader(closed, { batchSize: 2, workers: 1 }, context)).toThrow(/cannot be opened in workers/)
    await expect(openModuleDataset(moduleOf('empty', ''))).rejects.toThrow(/exports no function createDataset/)
  })
})

describe('array dataset', () => {
  it('says what does not fit', () => {
    const fails = (fields: Parameters<typeof createArrayDataset>[0], message: RegExp): void =>
      expect(() => createArrayDataset(fields)).toThrow(message)
    fails({}, /no fields/)
    fails({ a: { data: new Float32Array(0) } }, /no samples/)
    fails({ a: { data: new Float32Array(3) }, b: { data: new Uint8Array(4) } }, /'b' has 4 samples, 'a' has 3/)
    fails({ a: { data: new Float32Array(7), shape: [2] } }, /'a' is not of whole samples/)
    fails({ a: { data: new BigInt64Array(7), type: 'float32' } }, /values of int64 cannot be read as float32/)
  })
})
