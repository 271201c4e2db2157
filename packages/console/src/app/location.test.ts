import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseHash, toHash } from './location.ts'

test('an address gives back its path and parameters, whatever their letters', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, unit: 'grapheme' })),
      fc.dictionary(fc.string(), fc.string()),
      (path, entries) => {
        const params = new URLSearchParams(entries)
        const location = parseHash(toHash(path, params))
        expect(location.path).toEqual(path)
        expect(location.params.toString()).toBe(params.toString())
      },
    ),
  )
})

test('a broken escape is read as it stands', () => {
  expect(parseHash('#/models/100%').path).toEqual(['models', '100%'])
  expect(parseHash('').path).toEqual([])
})
