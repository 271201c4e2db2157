import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createQueryOrder } from './query-order.ts'

describe('the order of rows by score', () => {
  it('is that of a stable sort, for queries of any length one after the other', () => {
    const orderByScore = createQueryOrder()
    // Few values make many ties.
    const query = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(query, fc.nat(7), (list, begin) => {
        const scores = Float32Array.from([...new Array<number>(begin).fill(9), ...list])
        const expected = list.map((_, i) => begin + i).sort((a, b) => scores[b]! - scores[a]! || a - b)
        const order = orderByScore({ begin, end: begin + list.length }, scores)
        expect([...order.subarray(0, list.length)]).toEqual(expected)
      }),
    )
  })
})
