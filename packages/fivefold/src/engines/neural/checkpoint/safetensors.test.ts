import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { floatsOf, toHalves } from './half-floats.ts'
import { readSafetensors } from './read-safetensors.ts'
import { repeatedKey } from './repeated-key.ts'
import { ARRAY_TYPES, elementCount, type SafeTensor, type SafeTensorType } from './safe-tensor.ts'
import { writeSafetensors } from './write-safetensors.ts'

const tensor = fc
  .record({
    type: fc.constantFrom(...(Object.keys(ARRAY_TYPES) as SafeTensorType[])),
    shape: fc.array(fc.nat(4), { maxLength: 3 }),
    seed: fc.nat(255),
  })
  .map(({ type, shape, seed }) => {
    const ArrayType = ARRAY_TYPES[type]
    const bytes = new Uint8Array(elementCount(shape) * ArrayType.BYTES_PER_ELEMENT).map((_, i) => (i * 37 + seed) % 251)
    return { type, shape, data: new ArrayType(bytes.buffer) } as SafeTensor
  })
const names = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 6 }), fc.constantFrom('0', '10', '__proto__', '"\\\n'))

/** A file with this header and so many bytes of data. */
function fileOf(header: string | object, dataBytes: number, headerLength?: number): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const file = new Uint8Array(8 + text.length + dataBytes)
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength ?? text.length), true)
  file.set(text, 8)
  return file
}

const entry = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
})

describe('safetensors', () => {
  it('are read as they were written, from whatever address', () => {
    const file = fc.record({
      tensors: fc.uniqueArray(fc.tuple(names, tensor), { selector: ([name]) => name, maxLength: 6 }),
      metadata: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
      shift: fc.nat(9),
    })
    fc.assert(
      fc.property(file, ({ tensors, metadata, shift }) => {
        const bytes = writeSafetensors({ tensors: new Map(tensors), metadata })
        const moved = new Uint8Array(bytes.length + shift).subarray(shift)
        moved.set(bytes)
        const read = readSafetensors(moved)
        expect(read.tensors).toEqual(new Map(tensors))
        expect(Object.entries(read.metadata).sort()).toEqual(Object.entries(metadata).sort())
        const backwards = new Map(tensors.toReversed())
        expect(writeSafetensors({ tensors: backwards, metadata })).toEqual(bytes)
      }),
    )
  })

  it('are views where they are aligned', () => {
    const written = { type: 'F32', shape: [2], data: Float32Array.of(1, 2) } as const
    const bytes = writeSafetensors({ tensors: new Map([['a', written]]), metadata: {} })
    const { data } = readSafetensors(bytes).tensors.get('a')!
    expect(data.buffer).toBe(bytes.buffer)
    const moved = new Uint8Array(bytes.length + 1).subarray(1)
    moved.set(bytes)
    expect(readSafetensors(moved).tensors.get('a')!.data).toEqual(data)
  })

  it.each<[what: string, file: Uint8Array, message: RegExp]>([
    ['no header', new Uint8Array(7), /7 bytes are too few/],
    ['a length beyond the limit', fileOf('{}', 0, 100_000_001), /longer than 100000000/],
    ['the longest length', new Uint8Array(16).fill(255), /header of 18446744073709551615 bytes/],
    ['a header that is cut off', fileOf('{}', 0, 3), /cut off/],
    ['a header that begins with space', fileOf(' {}', 0), /not a JSON object/],
    ['an array', fileOf('[]', 0), /not a JSON object/],
    ['a byte order mark', fileOf('\uFEFF{}', 0), /not a JSON object/],
    ['a header that is not JSON', fileOf('{"a":', 0), /not JSON/],
    ['a header of null bytes', fileOf('{}\0\0', 0), /not JSON/],
    [
      'a key that repeats',
      fileOf('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":{}}', 0),
      /'a' twice/,
    ],
    [
      'a field that repeats',
      fileOf('{"a":{"dtype":"U8","shape":[0],"shape":[1],"data_offsets":[0,0]}}', 0),
      /'shape' twice/,
    ],
    ['an unknown field', fileOf({ a: { ...entry(0, 4), more: 1 } }, 4), /tensor 'a': .*more/],
    ['a negative size', fileOf({ a: entry(0, 4, [-1]) }, 4), /tensor 'a': shape\.0/],
    ['a fractional offset', fileOf({ a: { ...entry(0, 4), data_offsets: [0, 4.5] } }, 8), /data_offsets\.1/],
    ['sizes whose product is too large', fileOf({ a: entry(0, 4, [2 ** 40, 2 ** 40, 2 ** 40]) }, 4), /has 4 bytes/],
    ['a shape that needs other bytes', fileOf({ a: entry(0, 4, [2]) }, 4), /F32 \[2\] has 4 bytes/],
    ['an overlap', fileOf({ a: entry(0, 8), b: entry(4, 12) }, 12), /'b' begins at 4, where 8 was due/],
    ['a hole', fileOf({ a: entry(0, 4), b: entry(8, 12) }, 12), /'b' begins at 8, where 4 was due/],
    ['an end before the beginning', fileOf({ a: entry(0, 4), b: entry(4, 0, [1]) }, 4), /'b' ends at 0 of 4/],
    ['an end beyond the file', fileOf({ a: entry(0, 8) }, 4), /ends at 8 of 4/],
    ['bytes that belong to nothing', fileOf({ a: entry(0, 4) }, 8), /4 bytes at the end/],
    ['metadata that are not strings', fileOf({ __metadata__: { a: 1 } }, 0), /__metadata__ is not/],
  ])('refuse %s', (_, file, message) => {
    expect(() => readSafetensors(file)).toThrow(expect.objectContaining({ code: 'MODEL_UNREADABLE' }))
    expect(() => readSafetensors(file)).toThrow(message)
  })

  it('refuse anything else that is damaged, with a code', () => {
    const good = writeSafetensors({
      tensors: new Map([['weight', { type: 'F32', shape: [2, 2], data: new Float32Array(4) } as const]]),
      metadata: { by: 'test' },
    })
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.boolean(), (at, value, cut) => {
        const bad = cut ? good.slice(0, at) : good.with(at, value)
        try {
          readSafetensors(bad)
        } catch (thrown) {
          expect(thrown).toMatchObject({ name: 'FivefoldError' })
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('name an element type that is not read', () => {
    expect(() => readSafetensors(fileOf({ a: entry(0, 4, [4], 'F8_E4M3') }, 4))).toThrow(
      expect.objectContaining({ code: 'MODEL_UNSUPPORTED' }),
    )
  })

  it('are not written where nobody could read them', () => {
    const write = (name: string, shape: number[]) => () =>
      writeSafetensors({
        tensors: new Map([[name, { type: 'F32', shape, data: new Float32Array(4) } as const]]),
        metadata: {},
      })
    expect(write('a', [3])).toThrow(/'a' of F32 \[3\] has 4 values/)
    expect(write('__metadata__', [4])).toThrow(/cannot be named/)
    expect(write('\ud800', [4])).toThrow(/cannot be named/)
  })
})

describe('keys that repeat', () => {
  it('are found in their own object only', () => {
    expect(repeatedKey('{"a":{"b":1},"b":{"a":"x\\"a\\":"},"c":[{"a":1},{"a":2}]}')).toBeUndefined()
    expect(repeatedKey('{"a":[{"b" :1,"b"\n:2}]}')).toBe('b')
  })
})

describe('halves', () => {
  const allBits = Uint16Array.from({ length: 65_536 }, (_, i) => i)
  it.each(['F16', 'BF16'] as const)('%s: every one is a float and comes back', (type) => {
    const floats = floatsOf({ type, shape: [allBits.length], data: allBits })
    const back = toHalves(type, floats)
    for (const [i, value] of floats.entries()) {
      if (Number.isNaN(value))
        expect(Number.isNaN(floatsOf({ type, shape: [1], data: back.slice(i, i + 1) })[0])).toBe(true)
      else if (back[i] !== i) throw new Error(`${i} became ${value}, then ${back[i]}`)
    }
  })

  it.each(['F16', 'BF16'] as const)('%s: floats go to the nearest', (type) => {
    const positive = allBits.subarray(0, type === 'F16' ? 0x7c01 : 0x7f81)
    const grid = floatsOf({ type, shape: [positive.length], data: positive })
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: 0 }), fc.nat(positive.length - 3), (free, at) => {
        // A float that is halfway between two, and any other.
        for (const value of [free, Math.fround((grid[at]! + grid[at + 1]!) / 2)]) {
          const [half] = toHalves(type, Float32Array.of(value))
          const distance = Math.abs(grid[half!]! - value)
          if (grid[half!] === Infinity) continue
          for (const other of [half! - 1, half! + 1]) {
            if (other < 0 || grid[other] === Infinity) continue
            const otherDistance = Math.abs(grid[other]! - value)
            expect(distance).toBeLessThanOrEqual(otherDistance)
            if (distance === otherDistance) expect(half! % 2).toBe(0)
          }
        }
      }),
    )
    expect([...toHalves('F16', Float32Array.of(65_519, 65_520, -1e9))]).toEqual([0x7bff, 0x7c00, 0xfc00])
  })
})
