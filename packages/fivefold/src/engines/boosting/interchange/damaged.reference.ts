import fc from 'fast-check'

const byte = fc.nat(255)
const place = fc.nat(1e7)

/** Ways to damage a file: bytes changed, cut off, left out or said twice. */
export const damaged: fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> = fc.oneof(
  fc.array(fc.tuple(place, byte), { minLength: 1, maxLength: 8 }).map((changes) => (bytes: Uint8Array) => {
    const copy = bytes.slice()
    for (const [at, value] of changes) copy[at % copy.length] = value
    return copy
  }),
  // Digits for digits: numbers that are still numbers.
  fc
    .array(fc.tuple(place, fc.constantFrom(...'0123456789-.')), { minLength: 1, maxLength: 8 })
    .map((changes) => (bytes: Uint8Array) => {
      const copy = bytes.slice()
      for (const [at, digit] of changes) {
        let i = at % copy.length
        while (i < copy.length && !(copy[i]! >= 0x30 && copy[i]! <= 0x39)) i++
        if (i < copy.length) copy[i] = digit.charCodeAt(0)
      }
      return copy
    }),
  place.map((at) => (bytes: Uint8Array) => bytes.slice(0, at % bytes.length)),
  fc.tuple(place, fc.integer({ min: 1, max: 400 })).map(([at, length]) => (bytes: Uint8Array) => {
    const begin = at % bytes.length
    return Buffer.concat([bytes.subarray(0, begin), bytes.subarray(begin + length)])
  }),
  fc.tuple(place, fc.integer({ min: 1, max: 400 })).map(([at, length]) => (bytes: Uint8Array) => {
    const begin = at % bytes.length
    return Buffer.concat([bytes.subarray(0, begin + length), bytes.subarray(begin)])
  }),
)
