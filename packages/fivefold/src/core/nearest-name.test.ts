import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { didYouMean, nearestName } from './nearest-name.ts'

describe('nearestName', () => {
  it.each([
    ['Age', 'age'],
    ['support-calls', 'support_calls'],
    ['incmoe', 'income'],
    ['targe', 'target'],
    ['straße nr', 'Straße_Nr'],
  ])('%s is %s', (name, meant) => {
    expect(nearestName(name, ['age', 'income', 'support_calls', 'target', 'Straße_Nr'])).toBe(meant)
  })

  it('names nothing that is far away', () => {
    expect(nearestName('price', ['age', 'income'])).toBeUndefined()
    expect(nearestName('x', ['y'])).toBeUndefined()
    expect(didYouMean('price', ['prize'])).toBe("; did you mean 'prize'?")
    expect(didYouMean('price', [])).toBe('')
  })

  it('finds a name with one slip in it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{6,20}$/), fc.nat(100), (name, at) => {
        const i = at % (name.length - 1)
        const swapped = name.slice(0, i) + name[i + 1] + name[i] + name.slice(i + 2)
        expect(nearestName(swapped, ['0123456789012345678901234567890', name])).toBe(name)
        expect(nearestName(name.slice(0, i) + name.slice(i + 1), [name])).toBe(name)
      }),
    )
  })
})
