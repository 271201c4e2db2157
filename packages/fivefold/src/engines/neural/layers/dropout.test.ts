import { describe, expect, it } from 'vitest'
import { createSession, floats } from '../../../onnx/index.ts'
import { compileTraining, type Loss, PROGRAM_NAMES } from '../network/compile.ts'
import { ones } from '../network/initializer.ts'
import { defineNetwork, tensor } from '../network/network.ts'
import { dropout } from './dropout.ts'

const ROWS = 64
const SIZE = 96
const NAMES = ['first', 'second'] as const

/** Two layers of dropout over ones, so that what comes out is the masks. */
const masks = (rate: number) =>
  defineNetwork({
    name: 'masks',
    inputs: { x: tensor('float', SIZE) },
    forward: (scope, { x }) => {
      const ofNetwork = scope.graph.node('Mul', [x, scope.parameter('ones', [SIZE], ones)])
      return Object.fromEntries(NAMES.map((name) => [name, dropout(scope, name, ofNetwork, { rate })]))
    },
  })

const sumOfMasks: Loss = (graph, outputs) => {
  for (const [name, value] of Object.entries(outputs)) graph.output(name, value)
  return graph.node(
    'ReduceSum',
    [
      graph.node(
        'Add',
        NAMES.map((name) => outputs[name]!),
      ),
    ],
    { keepdims: { int: 0 } },
  )
}

async function draw(rate: number, ...seeds: number[]) {
  const program = compileTraining(masks(rate), { batchSize: ROWS, targets: {}, loss: sumOfMasks })
  await using session = await createSession(program.model)
  const drawn: Record<string, Float32Array>[] = []
  for (const seed of seeds) {
    const results = await session.run({
      x: floats(new Float32Array(ROWS * SIZE).fill(1), [ROWS, SIZE]),
      ones: floats(new Float32Array(SIZE).fill(1)),
      [PROGRAM_NAMES.rowWeight]: floats(new Float32Array(ROWS).fill(1)),
      [PROGRAM_NAMES.seed]: { type: 'int32', shape: [], data: Int32Array.of(seed) },
    })
    drawn.push(Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array])))
  }
  return drawn
}

/** Correlation of two masks in units of its standard deviation if they were independent. */
function correlation(a: Float32Array, b: Float32Array): number {
  const mean = (values: Float32Array): number => values.reduce((x, y) => x + y, 0) / values.length
  const [ma, mb] = [mean(a), mean(b)]
  const product = (x: Float32Array, mx: number, y: Float32Array, my: number): number =>
    x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0)
  return (Math.sqrt(a.length) * product(a, ma, b, mb)) / Math.sqrt(product(a, ma, a, ma) * product(b, mb, b, mb))
}

describe('dropout', () => {
  it('keeps the wanted share, scaled so that the mean stays', async () => {
    const [{ first }] = (await draw(0.25, 7)) as [Record<string, Float32Array>]
    const scale = Math.fround(1 / 0.75)
    expect(new Set(first)).toEqual(new Set([0, scale]))
    const kept = first!.filter((value) => value !== 0).length
    expect(Math.abs(kept / first!.length - 0.75)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / first!.length))
  })

  it('gives the same mask for the same seed in every session, unrelated ones for other seeds, layers and rows', async () => {
    const [one, next] = (await draw(0.5, 1, 2)) as [Record<string, Float32Array>, Record<string, Float32Array>]
    const [again] = (await draw(0.5, 1)) as [Record<string, Float32Array>]
    expect(again.first).toEqual(one.first)
    expect(Math.abs(correlation(one.first!, next.first!))).toBeLessThan(4)
    expect(Math.abs(correlation(one.first!, one.second!))).toBeLessThan(4)
    const row = (i: number): Float32Array => one.first!.subarray(i * SIZE, (i + 1) * SIZE)
    const neighbours = Array.from({ length: ROWS - 1 }, (_, i) => correlation(row(i), row(i + 1)) ** 2)
    expect(neighbours.reduce((a, b) => a + b, 0) / neighbours.length).toBeLessThan(1.7)
  })

  it('goes back through the same mask', async () => {
    const [drawn] = (await draw(0.5, 3)) as [Record<string, Float32Array>]
    const sums = Array.from({ length: SIZE }, (_, column) => {
      let sum = 0
      for (let row = 0; row < ROWS; row++) for (const name of NAMES) sum += drawn[name]![row * SIZE + column]!
      return sum
    })
    expect(Array.from(drawn[PROGRAM_NAMES.gradient('ones')]!)).toEqual(sums)
  })

  it('refuses a rate that drops everything', () => {
    expect(() => compileTraining(masks(1), { batchSize: 1, targets: {}, loss: sumOfMasks })).toThrow(
      /first: the rate 1 of dropout/,
    )
  })
})
