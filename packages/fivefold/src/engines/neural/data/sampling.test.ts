import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { oneHot } from './array-dataset.ts'
import { classBalancedWeights, epochOrder } from './sampling.ts'

describe('sampling', () => {
  it('shuffles as a function of seed and epoch', () => {
    const shuffle = { kind: 'shuffle' } as const
    fc.assert(
      fc.property(fc.nat(200), fc.integer(), fc.nat(1000), (length, seed, epoch) => {
        const order = epochOrder(shuffle, length, seed, epoch)
        expect(epochOrder(shuffle, length, seed, epoch)).toEqual(order)
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length }, (_, i) => i))
      }),
    )
    const orders = new Set(Array.from({ length: 50 }, (_, epoch) => epochOrder(shuffle, 20, 1, epoch).join()))
    expect(orders.size).toBe(50)
  })

  it('draws proportionally to weights, and never what has none', () => {
    const weights = [0, 1, 0, 3, 6, 0]
    const order = epochOrder({ kind: 'weighted', weights, count: 100_000 }, 6, 5, 0)
    const shares = weights.map((_, sample) => order.filter((drawn) => drawn === sample).length / order.length)
    expect([shares[0], shares[2], shares[5]]).toEqual([0, 0, 0])
    // Five standard deviations of a share are 0.008 at most.
    for (const sample of [1, 3, 4]) expect(Math.abs(shares[sample]! - weights[sample]! / 10)).toBeLessThan(0.008)
  })

  it('draws classes alike', () => {
    const labels = Array.from({ length: 1000 }, (_, i) => (i < 900 ? 0 : i < 990 ? 1 : 2))
    const weights = classBalancedWeights(labels)
    const order = epochOrder({ kind: 'weighted', weights, count: 30_000 }, 1000, 1, 1)
    const counts = [0, 1, 2].map((label) => order.filter((sample) => labels[sample] === label).length)
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500)
  })
})

describe('one-hot targets', () => {
  it('have a one for the class', () => {
    expect([...oneHot([1, 0], 3)]).toEqual([0, 1, 0, 1, 0, 0])
    expect(() => oneHot([3], 3)).toThrow(/sample 0: 3 is not a class code below 3/)
  })
})
