import { describe, expect, it } from 'vitest'
import { createTypedGraph, encodeModel, floats } from '../../../onnx/index.ts'
import { openOnnxServable } from './onnx-servable.ts'

const OPTIONS = { name: 'model', version: '1' }

/** Some hundred milliseconds of work. */
function slow(): Uint8Array {
  const graph = createTypedGraph({ name: 'powers' })
  const x = graph.input('x', 'float', [512, 512])
  let y = x
  for (let i = 0; i < 40; i++) y = graph.node('MatMul', [y, x])
  graph.output('y', graph.node('Neg', [y]))
  return encodeModel(graph.build())
}

describe('openOnnxServable', () => {
  it('runs what takes long in another thread', async () => {
    await using model = await openOnnxServable(slow(), OPTIONS)
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const { y } = await model.run({ x: floats(new Float32Array(512 * 512).fill(0.001), [512, 512]) })
    clearInterval(timer)
    expect(y?.shape).toEqual([512, 512])
    expect(turns).toBeGreaterThan(3)
  })

  it('finds out whether requests can share a run, and takes the word of who knows', async () => {
    const sum = (axes: number): Uint8Array => {
      const graph = createTypedGraph({ name: 'sum' })
      const x = graph.input('x', 'float', ['rows', 2])
      graph.output('y', graph.node('Softmax', [x], { axis: { int: axes } }))
      return encodeModel(graph.build())
    }
    for (const [axis, isBatched] of [
      [0, false],
      [1, true],
    ] as const) {
      await using model = await openOnnxServable(sum(axis), OPTIONS)
      expect(model.isBatched).toBe(isBatched)
    }
    await using told = await openOnnxServable(sum(1), { ...OPTIONS, isBatched: false })
    expect(told.isBatched).toBe(false)
  })

  it('says what is no model', async () => {
    await expect(openOnnxServable(Uint8Array.of(1, 2), OPTIONS)).rejects.toMatchObject({ code: 'GRAPH_INVALID' })
  })
})
