import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng, type Rng } from '../../../../core/index.ts'
import { drawBeta } from './beta.ts'
import { mixSamples } from './mix-samples.ts'
import { transformSample } from './transform-sample.ts'
import type { SampleTransform } from './transforms.ts'

const SIZE = { channels: 2, height: 4, width: 5 }
const COUNT = SIZE.channels * SIZE.height * SIZE.width
/** Every pixel knows where it is: channel * 100 + row * 10 + column, plus one so that none is zero. */
const PLACES = Float32Array.from({ length: COUNT }, (_, i) => {
  const [channel, place] = [Math.floor(i / 20), i % 20]
  return 1 + channel * 100 + Math.floor(place / 5) * 10 + (place % 5)
})

function transformed(transform: SampleTransform, seed: number): Float32Array {
  const values = PLACES.slice()
  transformSample(transform, { values, ...SIZE }, createRng(seed))
  return values
}

const at = (values: Float32Array, channel: number, row: number, column: number): number | undefined =>
  row < 0 || row >= 4 || column < 0 || column >= 5 ? undefined : values[(channel * 4 + row) * 5 + column]

/** The pixels as they would be if each came from the place that `from` says; undefined is padding. */
function moved(from: (row: number, column: number) => readonly [number, number], padding = 0): Float32Array {
  return PLACES.map((_, i) => {
    const [channel, row, column] = [Math.floor(i / 20), Math.floor((i % 20) / 5), i % 5]
    return at(PLACES, channel, ...from(row, column)) ?? padding
  })
}

const reflect = (i: number, size: number): number => (i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i)

describe('image transforms', () => {
  it('mirror left and right', () => {
    expect(transformed({ kind: 'flip', field: 'x', probability: 1 }, 1)).toEqual(moved((r, c) => [r, 4 - c]))
    expect(transformed({ kind: 'flip', field: 'x', probability: 0 }, 1)).toEqual(PLACES)
  })

  it.each(['constant', 'reflect'] as const)('shift by every distance within the padding: %s', (mode) => {
    const shifts = [-2, -1, 0, 1, 2].flatMap((y) => [-2, -1, 0, 1, 2].map((x) => [y, x] as const))
    const possible = shifts.map(([y, x]) =>
      mode === 'constant'
        ? moved((r, c) => [r + y, c + x], -9).join()
        : moved((r, c) => [reflect(r + y, 4), reflect(c + x, 5)]).join(),
    )
    const seen = new Set<string>()
    for (let seed = 0; seed < 500; seed++)
      seen.add(transformed({ kind: 'crop', field: 'x', padding: 2, mode, fill: -9 }, seed).join())
    expect([...seen].sort()).toEqual(possible.sort())
  })

  it('cover one square, the same in all channels', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(), (size, seed) => {
        const values = transformed({ kind: 'cutout', field: 'x', size, fill: 0 }, seed)
        const covered = Array.from({ length: 20 }, (_, i) => i).filter((i) => values[i] === 0)
        expect(covered.length).toBeGreaterThan(0)
        for (let i = 0; i < 20; i++) expect(values[20 + i] === 0).toBe(values[i] === 0)
        const rows = covered.map((i) => Math.floor(i / 5))
        const columns = covered.map((i) => i % 5)
        const [height, width] = [rows, columns].map((list) => Math.max(...list) - Math.min(...list) + 1)
        expect(covered.length).toBe(height! * width!)
        expect(Math.max(height!, width!)).toBeLessThanOrEqual(size)
        for (const [i, value] of values.entries()) if (value !== 0) expect(value).toBe(PLACES[i])
      }),
    )
  })

  it('change brightness and contrast by a factor within the amount', () => {
    const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), (amount, seed) => {
        const bright = transformed({ kind: 'brightness', field: 'x', amount }, seed)
        const factor = bright[0]! / PLACES[0]!
        expect(Math.abs(factor - 1)).toBeLessThanOrEqual(amount + 1e-6)
        for (const [i, value] of bright.entries()) expect(value).toBeCloseTo(factor * PLACES[i]!, 3)
        const contrast = transformed({ kind: 'contrast', field: 'x', amount }, seed)
        expect(mean(contrast)).toBeCloseTo(mean(PLACES), 3)
        const spread = (contrast[39]! - contrast[0]!) / (PLACES[39]! - PLACES[0]!)
        expect(Math.abs(spread - 1)).toBeLessThanOrEqual(amount + 1e-6)
      }),
    )
  })

  it('normalise by channel', () => {
    const values = transformed({ kind: 'normalize', field: 'x', mean: [1, 101], deviation: [2, 4] }, 0)
    expect([values[0], values[1], values[20], values[39]]).toEqual([0, 0.5, 0, 34 / 4])
  })
})

describe('mixing', () => {
  const ROWS = 6
  const batch = () => ({
    images: {
      values: Float32Array.from({ length: ROWS * COUNT }, (_, i) => Math.floor(i / COUNT)),
      rowCount: ROWS,
      shape: [2, 4, 5],
    },
    targets: {
      values: Float32Array.from({ length: ROWS * ROWS }, (_, i) => (i % (ROWS + 1) === 0 ? 1 : 0)),
      rowCount: ROWS,
      shape: [ROWS],
    },
  })

  it('mixes targets as it mixes images', () => {
    fc.assert(
      fc.property(fc.constantFrom('mixup', 'cutmix'), fc.nat(), (kind, seed) => {
        const { images, targets } = batch()
        mixSamples({ kind, field: 'x', target: 'y', alpha: 1 }, images, targets, createRng(seed))
        for (let row = 0; row < ROWS; row++) {
          const target = targets.values.subarray(row * ROWS, (row + 1) * ROWS)
          expect(target.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5)
          // Each image was its row's number throughout, so its mean tells the shares.
          const image = images.values.subarray(row * COUNT, (row + 1) * COUNT)
          const mean = image.reduce((sum, value) => sum + value, 0) / COUNT
          expect(mean).toBeCloseTo(
            target.reduce((sum, share, other) => sum + share * other, 0),
            4,
          )
          if (kind === 'cutmix') for (const value of image) expect(Number.isInteger(value)).toBe(true)
        }
      }),
    )
  })

  it.each([0.2, 1, 3])('draws shares from Beta(%d, same)', (alpha) => {
    const rng: Rng = createRng(3)
    const draws = Array.from({ length: 40_000 }, () => drawBeta(alpha, rng))
    const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length
    const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length
    expect(draws.every((x) => x >= 0 && x <= 1)).toBe(true)
    expect(mean).toBeCloseTo(0.5, 2)
    expect(variance).toBeCloseTo(1 / (4 * (2 * alpha + 1)), 2)
  })
})
