import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FivefoldError } from '../../core/index.ts'
import { createGraphBuilder, createSession, knownProviders, type OnnxSession, readModel } from '../index.ts'

function addOne(op = 'Add'): Uint8Array {
  const g = createGraphBuilder({ name: 'g' })
  const one = g.constant({ type: 'float', shape: [], data: Float32Array.of(1) })
  const y = g.node(op, [g.input('x', 'float', ['N', 1]), one])
  g.output('y', y, 'float', ['N', 1])
  return g.build()
}

describe('createSession', () => {
  let session: OnnxSession
  beforeAll(async () => {
    session = await createSession(addOne())
  })
  afterAll(() => session.close())

  it('runs on memory shared between threads', async () => {
    const data = new Float32Array(new SharedArrayBuffer(8))
    data.set([1, 2])
    const { y } = await session.run({ x: { type: 'float', shape: [2, 1], data } }, ['y'])
    expect([...y!.data]).toEqual([2, 3])
  })

  it('says which feed is wrong', async () => {
    const x = { type: 'float' as const, shape: [1, 1], data: Float32Array.of(1) }
    await expect(session.run({})).rejects.toMatchObject({
      code: 'DATA_COLUMN_UNKNOWN',
      message: /input 'x' is missing/,
    })
    await expect(session.run({ x, z: x })).rejects.toMatchObject({
      code: 'DATA_COLUMN_UNKNOWN',
      message: /no input 'z'/,
    })
    await expect(session.run({ x: { type: 'double', shape: [1, 1], data: Float64Array.of(1) } })).rejects.toMatchObject(
      { code: 'DATA_TYPE_MISMATCH' },
    )
    await expect(session.run({ x: { ...x, shape: [2, 1] } })).rejects.toMatchObject({ code: 'GRAPH_INVALID' })
    await expect(session.run({ x }, ['nothing'])).rejects.toMatchObject({ code: 'GRAPH_INVALID' })
  })

  it('refuses what is not a model, and operators that do not exist', async () => {
    await expect(createSession(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ code: 'GRAPH_INVALID' })
    await expect(createSession(addOne('Frobnicate'))).rejects.toMatchObject({ code: 'GRAPH_UNSUPPORTED' })
  })

  it('does not run after it is closed', async () => {
    const closed = await createSession(addOne())
    await closed.close()
    await closed.close()
    const x = { type: 'float' as const, shape: [1, 1], data: Float32Array.of(1) }
    await expect(closed.run({ x })).rejects.toMatchObject({ code: 'GRAPH_INVALID' })
  })
})

describe('execution providers', () => {
  it('are used where they are, and named where they are not', async () => {
    const known = await knownProviders()
    expect(known).toContain('cpu')
    for (const provider of ['webgpu', 'cuda', 'tensorrt', 'coreml', 'dml'] as const) {
      const session = await createSession(addOne(), { provider }).catch((error: unknown) => error)
      if (session instanceof FivefoldError) {
        expect(session).toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
        expect(session.message).toMatch(new RegExp(`'${provider}' cannot be used: `))
      } else {
        expect(known).toContain(provider)
        await (session as OnnxSession).close()
      }
    }
  })

  it('load models that are not optimized, too', async () => {
    await using session = await createSession(addOne(), { optimization: 'disabled', provider: 'cpu', threads: 2 })
    const x = { type: 'float' as const, shape: [1, 1], data: Float32Array.of(1) }
    expect((await session.run({ x }))['y']?.data).toEqual(Float32Array.of(2))
  })
})

describe('readModel', () => {
  it('refuses truncated and foreign bytes', () => {
    const bytes = addOne()
    expect(() => readModel(bytes.subarray(0, bytes.length - 5))).toThrow(/not an ONNX model/)
    expect(() => readModel(new TextEncoder().encode('{"not": "onnx"}'))).toThrow(/not an ONNX model/)
    expect(() => readModel(new Uint8Array())).toThrow(/no graph/)
  })
})
