import { describe, expect, it } from 'vitest'
import { createRng, type Rng } from '../../../core/index.ts'
import { dense } from '../layers/dense.ts'
import { embedding } from '../layers/embedding.ts'
import { initializeNetwork } from './compile.ts'
import {
  type Fan,
  fanInUniform,
  glorotUniform,
  heNormal,
  type Initializer,
  normal,
  orthogonal,
  truncatedNormal,
  uniform,
} from './initializer.ts'
import { defineNetwork, tensor } from './network.ts'

const FAN = { fanIn: 300, fanOut: 200 }
const COUNT = FAN.fanIn * FAN.fanOut

function filledBy(initializer: Initializer, count: number, fan: Fan, rng: Rng): Float32Array {
  const values = new Float32Array(count)
  for (const piece of initializer(values, fan, rng) ?? []) expect(piece).toBeUndefined()
  return values
}

function draw(initializer: Initializer): Float32Array {
  return filledBy(initializer, COUNT, FAN, createRng(3))
}

/** Deviation of a normal that is cut at two: sqrt(1 - 4 phi(2) / (2 Phi(2) - 1)). */
const CUT = 0.8796

describe('initialisers', () => {
  it.each([
    ['normal', normal(0.3), 0.3, Number.POSITIVE_INFINITY],
    ['uniform', uniform(0.5), 0.5 / Math.sqrt(3), 0.5],
    ['truncatedNormal', truncatedNormal(0.02), 0.02 * CUT, 0.04],
    ['heNormal', heNormal, Math.sqrt(2 / 300), Number.POSITIVE_INFINITY],
    ['glorotUniform', glorotUniform, Math.sqrt(2 / 500), Math.sqrt(6 / 500)],
    ['fanInUniform', fanInUniform, Math.sqrt(1 / 900), Math.sqrt(1 / 300)],
  ] as const)('%s has its mean, deviation and bound', (_name, initializer, deviation, bound) => {
    const values = draw(initializer)
    const mean = values.reduce((a, b) => a + b, 0) / COUNT
    const square = values.reduce((a, b) => a + b * b, 0) / COUNT
    expect(Math.abs(mean)).toBeLessThan((4 * deviation) / Math.sqrt(COUNT))
    // The deviation of a sample's deviation is at most 1 / sqrt(2 n) of it for these distributions.
    expect(Math.abs(Math.sqrt(square) / deviation - 1)).toBeLessThan(4 / Math.sqrt(2 * COUNT) + 1e-4)
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(bound * (1 + 1e-6))
  })

  it.each([
    ['wide', 4, 7],
    ['tall, in blocks', 12, 4],
  ] as const)('orthogonal rows: %s', (_name, rows, columns) => {
    const values = filledBy(orthogonal, rows * columns, { fanIn: columns, fanOut: rows }, createRng(9))
    const row = (i: number): Float32Array => values.subarray(i * columns, (i + 1) * columns)
    const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0)
    for (let i = 0; i < rows; i++)
      for (let j = 0; j <= i; j++) {
        if (Math.floor(i / columns) !== Math.floor(j / columns)) continue
        expect(dot(row(i), row(j))).toBeCloseTo(i === j ? 1 : 0, 5)
      }
  })
})

describe('large tensors', () => {
  it('are drawn in pieces, and as a whole hold what one loop would have drawn', () => {
    const values = new Float32Array(200_000)
    const rng = createRng(5)
    const expected = Float32Array.from(values, () => 0.3 * rng.normal())
    const pieces = [...(normal(0.3)(values, FAN, createRng(5)) ?? [])]
    expect(pieces.length).toBeGreaterThan(2)
    expect(values).toEqual(expected)
  })
})

describe('weights of a new network', () => {
  const withLayers = (...names: readonly string[]) =>
    defineNetwork({
      name: 'stack',
      inputs: { x: tensor('float', 6) },
      forward: (scope, { x }) => ({
        y: names.reduce((value, name) => dense(scope, name, value, { units: 6 }), x),
      }),
    })

  it('are the same for the same seed and others for another', () => {
    const network = withLayers('a', 'b')
    expect(initializeNetwork(network, 4)).toEqual(initializeNetwork(network, 4))
    expect(initializeNetwork(network, 4)).not.toEqual(initializeNetwork(network, 5))
  })

  it('stay as they are when another layer is added', () => {
    const before = initializeNetwork(withLayers('a', 'b'), 4)
    const after = initializeNetwork(withLayers('a', 'between', 'b'), 4)
    expect(after.has('between.weight')).toBe(true)
    for (const [name, values] of before) expect(after.get(name), name).toEqual(values)
  })

  it('leave the row of padding empty', () => {
    const words = defineNetwork({
      name: 'words',
      inputs: { ids: tensor('int64', 2) },
      forward: (scope, { ids }) => ({ y: embedding(scope, 'table', ids, { count: 3, size: 2, padding: 1 }) }),
    })
    const table = initializeNetwork(words, 1).get('table.weight')!
    expect(Array.from(table.subarray(2, 4))).toEqual([0, 0])
    expect(table.filter((value) => value !== 0).length).toBe(4)
  })
})
