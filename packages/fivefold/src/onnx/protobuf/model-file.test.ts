import { mkdir, mkdtemp, readFile, realpath, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OnnxInitializer, OnnxModel } from '../graph/model.ts'
import { createTypedGraph } from '../graph/typed-graph.ts'
import { createSession } from '../session/session.ts'
import { floats } from '../tensor.ts'
import { encodeModelWithData } from './encode-with-data.ts'
import { readModelFile, writeModelFile } from './model-file.ts'
import { encodeModel } from './model-proto.ts'
import { readModel } from './read-model.ts'
import { externalProto } from './tensor-proto.ts'
import { ProtobufWriter } from './writer.ts'

/** x * large + small */
function model(): OnnxModel {
  const graph = createTypedGraph({ name: 'scaled' })
  const large = graph.initializer('large', floats(Float32Array.from({ length: 2000 }, (_, i) => i)))
  const small = graph.initializer('small', floats([1]))
  graph.output('y', graph.node('Add', [graph.node('Mul', [graph.input('x', 'float', [2000]), large]), small]))
  return graph.build()
}

const weightsOf = ({ graph }: OnnxModel) => graph.initializers.map((weight) => [weight.name, weight.read()])

/** A model whose weight claims to lie at a place. */
function hostile(place: Record<'location' | 'offset' | 'length', string>, shape = [2]): Uint8Array {
  const weight: OnnxInitializer = { name: 'w', type: 'float', shape, read: () => floats([]) }
  const tensor = externalProto(weight, 1, place)
  return new ProtobufWriter().messageField(7, new ProtobufWriter().messageField(5, tensor)).finish()
}

describe('models on disk', () => {
  let folder: string
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'fivefold-model-')))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('keep weights inside unless asked', async () => {
    const path = join(folder, 'm.onnx')
    await writeModelFile(path, model())
    expect(Buffer.compare(await readFile(path), encodeModel(model()))).toBe(0)
    expect(weightsOf(await readModelFile(path))).toEqual(weightsOf(model()))
  })

  it('keep large weights beside them, where the runtime finds them', async () => {
    const path = join(folder, 'm.onnx')
    await writeModelFile(path, model(), { externalFromBytes: 1000 })
    expect((await stat(path)).size).toBeLessThan(1000)
    expect((await stat(`${path}.data`)).size).toBe(8000)
    const read = await readModelFile(path)
    expect(weightsOf(read)).toEqual(weightsOf(model()))
    expect(Buffer.compare(encodeModel(read), encodeModel(model()))).toBe(0)
    const { InferenceSession, Tensor } = await import('onnxruntime-node')
    const session = await InferenceSession.create(path)
    const { y } = await session.run({ x: new Tensor('float32', new Float32Array(2000).fill(2), [2000]) })
    expect(y?.data[1999]).toBe(3999)
    await session.release()
  })

  it('start large weights on pages', () => {
    const graph = createTypedGraph({ name: 'two' })
    const [a, b] = ['a', 'b'].map((name) => graph.initializer(name, floats([1, 2, 3])))
    graph.output('y', graph.node('Add', [a, b]))
    const { bytes, data } = encodeModelWithData(graph.build(), { location: 'd', fromBytes: 1 })
    const file = Buffer.concat([...data!])
    expect(file.length).toBe(4096 + 12)
    expect(weightsOf(readModel(bytes, { externalData: () => file }))).toEqual(weightsOf(graph.build()))
  })

  it('are found missing with their name', async () => {
    await expect(readModelFile(join(folder, 'none.onnx'))).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' })
    await expect(readModelFile(folder)).rejects.toMatchObject({ code: 'STORAGE_DENIED' })
  })

  it('are refused where their data is missing, short, or no file', async () => {
    const path = join(folder, 'm.onnx')
    const read = async () => weightsOf(await readModelFile(path))
    await writeModelFile(path, model(), { externalFromBytes: 1000 })
    await truncate(`${path}.data`, 7999)
    await expect(read()).rejects.toThrow(/has 7999 bytes; the model wants data up to byte 8000/)
    await rm(`${path}.data`)
    await expect(read()).rejects.toThrow(/no file 'm.onnx.data'/)
    await mkdir(`${path}.data`)
    await expect(read()).rejects.toThrow(/is not a file/)
  })

  it('cannot reach out of their folder', async () => {
    const inner = join(folder, 'inner')
    await mkdir(inner)
    await writeFile(join(folder, 'secret'), 'abcdefgh')
    await symlink(join(folder, 'secret'), join(inner, 'link'))
    await symlink(folder, join(inner, 'up'))
    const path = join(inner, 'm.onnx')
    const places = [
      '../secret',
      join(folder, 'secret'),
      'a/../../secret',
      'link',
      'up/secret',
      'c:secret',
      '..\\secret',
      '',
    ]
    for (const location of places) {
      await writeFile(path, hostile({ location, offset: '0', length: '8' }))
      const { graph } = await readModelFile(path)
      expect(() => graph.initializers[0]!.read(), location).toThrow(
        /out of the model's folder|outside the model's folder/,
      )
    }
  })
})

describe('external data in memory', () => {
  const read = (bytes: Uint8Array) =>
    readModel(bytes, { externalData: () => new Uint8Array(16) }).graph.initializers[0]!.read()

  it('must fit file and shape', () => {
    const place = { location: 'd', offset: '0', length: '8' }
    expect(read(hostile(place)).data).toEqual(new Float32Array(2))
    expect(() => read(hostile({ ...place, offset: '12' }))).toThrow(/data up to byte 20/)
    expect(() => read(hostile({ ...place, length: '4' }))).toThrow(/needs 8 bytes of data, its place has 4/)
    expect(() => read(hostile({ ...place, offset: '-8' }))).toThrow(/offset '-8'.*not a number of bytes/)
    expect(() => read(hostile({ ...place, offset: '1e3' }))).toThrow(/not a number of bytes/)
    expect(() => read(hostile({ ...place, length: String(2 ** 40) }, [2 ** 38]))).toThrow(/'d' has 16 bytes/)
    expect(() => read(hostile(place, [2 ** 40, 2 ** 40]))).toThrow(/impossible shape/)
    expect(() => read(hostile(place, [-2]))).toThrow(/impossible shape/)
  })

  it('is asked for only when values are', () => {
    const { graph } = readModel(hostile({ location: 'd', offset: '0', length: '8' }))
    expect(graph.initializers[0]?.shape).toEqual([2])
    expect(() => graph.initializers[0]!.read()).toThrow(/readModelFile/)
  })
})

describe('weights in the file', () => {
  it('are views where they are aligned, and never share their alignment copy', () => {
    const bytes = encodeModel(model())
    const values = () => readModel(bytes).graph.initializers.find(({ name }) => name === 'large')!
    const raw = values().raw!().bytes
    expect(raw.buffer).toBe(bytes.buffer)
    const data = values().read().data as Float32Array
    expect(data.buffer === bytes.buffer).toBe(raw.byteOffset % 4 === 0)
  })

  it('of other element types are carried along as they are', () => {
    const bfloat16: OnnxInitializer = {
      name: 'w',
      type: 'unsupported',
      shape: [3],
      read: () => floats([]),
      raw: () => ({ elementCode: 16, bytes: Uint8Array.of(1, 2, 3, 4, 5, 6) }),
    }
    const base = model()
    const carrying = { ...base, graph: { ...base.graph, initializers: [...base.graph.initializers, bfloat16] } }
    const again = readModel(encodeModel(readModel(encodeModel(carrying)))).graph.initializers.at(-1)!
    expect({ ...again, raw: again.raw!() }).toMatchObject({ type: 'unsupported', shape: [3], raw: bfloat16.raw!() })
    expect(() => again.read()).toThrow(/unsupported element type/)
  })

  it('run after a round trip', async () => {
    await using session = await createSession(encodeModel(readModel(encodeModel(model()))))
    const { y } = await session.run({ x: floats(new Float32Array(2000).fill(1)) })
    expect(y?.data[7]).toBe(8)
  })
})
