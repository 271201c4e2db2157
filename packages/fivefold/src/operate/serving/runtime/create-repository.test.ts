import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { createTypedGraph, encodeModel, floats, type TensorLiteral } from '../../../onnx/index.ts'
import { creditModel, doublingModel } from '../model/servable.test.fixture.ts'
import { createModelRepository, type OwnedRepository, type RepositoryOptions } from './create-repository.ts'

const BUNDLE = fileURLToPath(new URL('../../../bundle/fixtures/format-1', import.meta.url))

/** y = x + amount over rows of two. */
function adding(amount: number): Uint8Array {
  const graph = createTypedGraph({ name: 'adding' })
  const x = graph.input('x', 'float', ['rows', 2])
  graph.output('y', graph.node('Add', [x, graph.initializer('amount', floats([amount]))]))
  return encodeModel(graph.build())
}

let folder = ''
let repository: OwnedRepository
const open = (options: Partial<RepositoryOptions> = {}) => {
  repository = createModelRepository({ context: createContext(), ...options })
  return repository
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-models-'))
})
afterEach(async () => {
  await repository.close()
  await rm(folder, { recursive: true })
})

async function writeVersion(version: string, amount: number): Promise<void> {
  await mkdir(join(folder, 'adding', version), { recursive: true })
  await writeFile(join(folder, 'adding', version, 'model.onnx'), adding(amount))
}

const x = floats([1, 2], [1, 2])
const infer = (name?: string, version?: string) => repository.endpoint(name, version).infer({ x }, { requestId: 'r' })
const valuesOf = (tensor: TensorLiteral | undefined): unknown[] => Array.from(tensor!.data as Float32Array)

describe('createModelRepository', () => {
  it('loads files, folders, numbered versions and bundles', async () => {
    open()
    await writeVersion('2', 20)
    await writeVersion('10', 100)
    await copyFile(join(folder, 'adding/2/model.onnx'), join(folder, 'single.onnx'))
    expect(await repository.load({ path: join(folder, 'single.onnx') })).toEqual({
      name: 'single',
      version: '1',
      state: 'ready',
    })
    expect(await repository.load({ path: join(folder, 'adding') })).toMatchObject({ name: 'adding', version: '10' })
    await repository.load({ path: join(folder, 'adding'), version: '2' })
    await repository.load({ path: BUNDLE, name: 'credit', version: '7' })
    expect(valuesOf((await infer()).y)).toEqual([21, 22])
    expect(valuesOf((await infer('adding')).y)).toEqual([101, 102])
    expect(valuesOf((await infer('adding', '2')).y)).toEqual([21, 22])
    const { model } = repository.endpoint('credit')
    expect([model.version, model.isBatched, model.table?.output.task]).toEqual(['7', true, 'classification'])
  })

  it('says what is not there, and why a model failed', async () => {
    open()
    expect(() => repository.endpoint()).toThrow(expect.objectContaining({ code: 'MODEL_NOT_FOUND' }))
    await repository.add(doublingModel())
    expect(() => repository.endpoint('dubling')).toThrow(/did you mean 'doubling'/)
    expect(() => repository.endpoint('doubling', '9')).toThrow(expect.objectContaining({ code: 'MODEL_NOT_FOUND' }))
    await writeFile(join(folder, 'broken.onnx'), 'no model')
    const source = { path: join(folder, 'broken.onnx') }
    await expect(repository.load(source)).rejects.toMatchObject({ code: 'GRAPH_INVALID' })
    expect(repository.statuses()[1]).toMatchObject({ name: 'broken', state: 'failed', reason: /does not load/ })
    expect(() => repository.endpoint('broken')).toThrow(expect.objectContaining({ code: 'MODEL_NOT_READY' }))
    await expect(repository.load({ path: join(folder, 'nothing') })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
    await expect(repository.unload('nothing')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  })

  it('keeps its default model while that is not loaded, and when it comes back', async () => {
    open()
    await writeVersion('1', 1)
    const source = { path: join(folder, 'adding') }
    await repository.load(source)
    await repository.add(doublingModel())
    expect(repository.endpoint().model.name).toBe('adding')
    await repository.unload('adding')
    expect(() => repository.endpoint()).toThrow(expect.objectContaining({ code: 'MODEL_NOT_FOUND' }))
    await repository.load(source)
    expect(repository.endpoint().model.name).toBe('adding')
  })

  it('swaps versions and reloads them under load without one failed request', async () => {
    open()
    for (const version of [1, 2, 3, 4]) await writeVersion(String(version), version)
    const source = { path: join(folder, 'adding') }
    await repository.load({ ...source, version: '1' })
    const seen = new Set<unknown>()
    let stop = false
    const clients = Array.from({ length: 8 }, async () => {
      while (!stop) {
        seen.add(valuesOf((await infer('adding')).y)[0])
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
    for (const version of ['2', '3', '4']) {
      await repository.load({ ...source, version })
      await repository.unload('adding', String(Number(version) - 1))
    }
    await writeVersion('4', 40)
    await repository.load({ ...source, version: '4' })
    await infer('adding')
    stop = true
    await Promise.all(clients)
    expect(repository.statuses()).toEqual([{ name: 'adding', version: '4', state: 'ready' }])
    expect(valuesOf((await infer('adding')).y)).toEqual([41, 42])
    expect([...seen]).toEqual(expect.arrayContaining([2, 3, 4, 5]))
  })

  it('goes on with the old version where a new one does not load', async () => {
    open()
    await writeVersion('1', 1)
    await repository.load({ path: join(folder, 'adding') })
    await writeFile(join(folder, 'adding/1/model.onnx'), 'no model')
    await expect(repository.load({ path: join(folder, 'adding') })).rejects.toThrow()
    expect(valuesOf((await infer('adding')).y)).toEqual([2, 3])
  })

  it('answers what waits before a version goes', async () => {
    open()
    let release = (): void => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    let isClosed = false
    const model = doublingModel()
    await repository.add({
      ...model,
      run: async (feeds) => {
        await gate
        return model.run(feeds)
      },
      close: async () => {
        isClosed = true
      },
    })
    const feeds = { x: { type: 'double' as const, shape: [1, 1], data: Float64Array.of(4) } }
    const endpoint = repository.endpoint('doubling')
    const answer = endpoint.infer(feeds, { requestId: 'r' })
    const unloaded = repository.unload('doubling')
    expect(repository.statuses()[0]?.state).toBe('unloading')
    await expect(endpoint.infer(feeds, { requestId: 's' })).rejects.toMatchObject({ code: 'MODEL_NOT_READY' })
    expect(isClosed).toBe(false)
    release()
    expect(valuesOf((await answer).prediction)).toEqual([8])
    await unloaded
    expect([isClosed, repository.statuses()]).toEqual([true, []])
  })

  it('answers the same question from its cache, and another version from its own', async () => {
    open({ cacheEntries: 10 })
    const model = creditModel()
    await repository.add(model)
    const feedsOf = (age: number) => ({
      age: { type: 'double' as const, shape: [1, 1], data: Float64Array.of(age) },
      children: { type: 'int64' as const, shape: [1, 1], data: BigInt64Array.of(1n) },
      job: { type: 'string' as const, shape: [1, 1], data: ['nurse'] },
      owner: { type: 'bool' as const, shape: [1, 1], data: Uint8Array.of(1) },
      since: { type: 'double' as const, shape: [1, 1], data: Float64Array.of(0) },
    })
    const ask = (age: number, outputs?: string[]) =>
      repository.endpoint('credit').infer(feedsOf(age), { requestId: 'r', ...(outputs ? { outputs } : {}) })
    const [first, again, other] = [await ask(40), await ask(40), await ask(41)]
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
    expect(Object.keys(await ask(40, ['label']))).toEqual(['label'])
    expect(model.runs).toHaveLength(3)
    await repository.add({ ...model, version: '4' })
    await ask(40)
    expect(model.runs).toHaveLength(4)
  })

  it.each<[string, Record<string, TensorLiteral>, RegExp]>([
    ['a missing input', {}, /'x' is missing/],
    ['another type', { x: { type: 'double', shape: [1, 2], data: new Float64Array(2) } }, /takes float, got double/],
    ['another rank', { x: floats([1, 2], [2]) }, /takes the shape \[-1,2\], got \[2\]/],
    ['another width', { x: floats([1, 2, 3], [1, 3]) }, /takes the shape/],
    ['too few values', { x: floats([1], [1, 2]) }, /do not fill/],
    ['no rows', { x: floats([], [0, 2]) }, /no rows/],
    ['an unknown input', { x, z: x }, /no input 'z'/],
  ])('refuses %s', async (_what, feeds, message) => {
    open()
    await writeVersion('1', 1)
    await repository.load({ path: join(folder, 'adding') })
    const answer = repository.endpoint().infer(feeds, { requestId: 'r' })
    await expect(answer).rejects.toMatchObject({ code: 'MODEL_INPUT', message })
  })
})
