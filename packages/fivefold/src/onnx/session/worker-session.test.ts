import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createTypedGraph } from '../graph/typed-graph.ts'
import { writeModelFile } from '../protobuf/model-file.ts'
import { encodeModel } from '../protobuf/model-proto.ts'
import { floats } from '../tensor.ts'
import { createWorkerSession } from './worker-session.ts'

function model(size: number, products = 1) {
  const graph = createTypedGraph({ name: 'powers' })
  const x = graph.input('x', 'float', [size, size])
  let y = x
  for (let i = 0; i < products; i++) y = graph.node('MatMul', [y, x])
  graph.output('y', graph.node('Neg', [y]))
  graph.output('same', graph.node('Abs', [x]))
  return graph.build()
}

const small = () => encodeModel(model(1))
/** Some hundred milliseconds of work. */
const slow = () => encodeModel(model(512, 40))
const x = (value = 2, size = 1) => floats(new Float32Array(size * size).fill(value), [size, size])

describe('createWorkerSession', () => {
  it('runs in another thread and leaves the feeds alone', async () => {
    await using session = await createWorkerSession(small())
    expect(session.inputs).toEqual([{ name: 'x', type: 'float32', shape: [1, 1] }])
    const feeds = { x: x() }
    const results = await Promise.all([session.run(feeds), session.run(feeds, ['y'])])
    expect(results).toEqual([{ y: x(-4), same: x() }, { y: x(-4) }])
    expect(feeds).toEqual({ x: x() })
  })

  it('takes views of larger memory, shared memory, and memory for good', async () => {
    await using session = await createWorkerSession(small())
    const view = Float32Array.of(1, 2, 3).subarray(1, 2)
    expect(await session.run({ x: { ...x(), data: view } as never }, ['y'])).toEqual({ y: x(-4) })
    const shared = new Float32Array(new SharedArrayBuffer(4)).fill(3)
    expect(await session.run({ x: { ...x(), data: shared } as never }, ['y'])).toEqual({ y: x(-9) })
    const given = x(5)
    expect(await session.run({ x: given }, ['y'], { transfersFeeds: true })).toEqual({ y: x(-25) })
    expect(given.data).toHaveLength(0)
  })

  it('keeps the event loop free while it computes', async () => {
    await using session = await createWorkerSession(slow())
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    await session.run({ x: x(0.001, 512) }, ['y'])
    clearInterval(timer)
    expect(turns).toBeGreaterThan(3)
  })

  it('gives up what is cancelled and goes on with the rest', async () => {
    await using session = await createWorkerSession(slow())
    const running = new AbortController()
    const waiting = new AbortController()
    const first = session.run({ x: x(0.001, 512) }, ['y'], { signal: running.signal })
    const second = session.run({ x: x(0.001, 512) }, ['y'], { signal: waiting.signal })
    const third = session.run({ x: x(1, 512) }, ['same'])
    running.abort()
    waiting.abort()
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(second).rejects.toMatchObject({ code: 'CANCELLED' })
    expect((await third)['same']?.data[0]).toBe(1)
    const never = session.run({ x: x(1, 512) }, ['y'], { signal: AbortSignal.abort() })
    await expect(never).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('rejects runs that wait when it is closed, and those that come later', async () => {
    const session = await createWorkerSession(slow())
    const waiting = session.run({ x: x(0.001, 512) })
    const rejected = expect(waiting).rejects.toMatchObject({
      code: 'INTERNAL',
      message: /the session thread has ended/,
    })
    await session.close()
    await rejected
    await expect(session.run({ x: x(1, 512) })).rejects.toMatchObject({ code: 'GRAPH_INVALID' })
  })

  it('hands on what the session says', async () => {
    await expect(createWorkerSession(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ code: 'GRAPH_INVALID' })
    await using session = await createWorkerSession(small())
    await expect(session.run({})).rejects.toMatchObject({ code: 'DATA_COLUMN_UNKNOWN', message: /'x' is missing/ })
  })

  it('loads files with their weights beside them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fivefold-session-'))
    const graph = createTypedGraph({ name: 'sum' })
    graph.output('y', graph.node('Add', [graph.input('x', 'float', [1, 1]), graph.initializer('w', x(7))]))
    await writeModelFile(join(folder, 'm.onnx'), graph.build(), { externalFromBytes: 1 })
    await using session = await createWorkerSession(join(folder, 'm.onnx'))
    expect(await session.run({ x: x(1) })).toEqual({ y: x(8) })
    await rm(folder, { recursive: true })
  })
})
