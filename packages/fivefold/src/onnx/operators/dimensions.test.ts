import { describe, expect, it } from 'vitest'
import { broadcastShapes, countOf, divideCounts } from './dimensions.ts'

describe('broadcastShapes', () => {
  it('stretches sizes of one and keeps names', () => {
    expect(broadcastShapes(['N', 1, 3], [4, 3])).toEqual(['N', 4, 3])
    expect(broadcastShapes([], [2])).toEqual([2])
  })

  it('says which shapes do not fit', () => {
    expect(() => broadcastShapes([2, 3], [4, 3])).toThrow('[2, 3] and [4, 3] do not broadcast')
  })
})

describe('divideCounts', () => {
  const divide = (whole: (number | string)[], part: (number | string)[]) => divideCounts(countOf(whole), countOf(part))

  it('finds the size that a reshape leaves open', () => {
    expect(divide(['N', 64, 12, 12], [9216])).toBe('N')
    expect(divide(['N', 64, 256], [256])).toBe('64*N')
    expect(divide(['64*N', 10], [64, 10])).toBe('N')
    expect(divide([6, 4], [8])).toBe(3)
  })

  it('admits what it cannot tell', () => {
    expect(divide(['', 4], [2])).toBe('')
    expect(divide(['N', 3], [2])).toBe('')
    expect(divide([4], ['N'])).toBe('')
  })
})
