import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ARRAY_COUNTS, referenceKernels, SCALARS } from './kernels.reference.ts'
import { instantiateNeuralKernels, type NeuralKernels, RESERVED_BYTES } from './kernels.ts'

const SLOT_BYTES = 1024
const { kernels, buffer } = instantiateNeuralKernels(RESERVED_BYTES + 5 * SLOT_BYTES)
const names = Object.keys(ARRAY_COUNTS) as (keyof NeuralKernels)[]
const MOST = 40
/** Canary around the ranges; whatever a kernel does there would change it. */
const UNTOUCHED = 7.25

const float = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true, min: -100, max: 100 }),
  fc.constantFrom(0, -0, 1e-30, 3e38, Infinity, -Infinity, Number.NaN),
)
const tame = fc.float({ noNaN: true, noDefaultInfinity: true, min: -100, max: 100 })

const slot = (index: number, offset: number): number => RESERVED_BYTES + index * SLOT_BYTES + 64 + offset * 4
const floatsAt = (address: number, count: number): Float32Array => new Float32Array(buffer, address, count)

/** The kernel and its reference on the same values; returns both outcomes. */
function runBoth(name: keyof NeuralKernels, values: readonly Float32Array[], offset: number, scalars: number[]) {
  const count = values[0]!.length
  new Float32Array(buffer, RESERVED_BYTES).fill(UNTOUCHED)
  for (const [i, array] of values.entries()) floatsAt(slot(i, offset), count).set(array)
  const addresses = values.map((_, i) => slot(i, offset))
  const result = (kernels[name] as (...args: number[]) => number | undefined)(...addresses, count, ...scalars)
  const expected = values.map((array) => array.slice())
  const expectedResult = referenceKernels[name](...expected, count, ...scalars)
  return { actual: addresses.map((address) => floatsAt(address, count)), result, expected, expectedResult }
}

describe('neural kernels', () => {
  it('are what the assembly exports', () => {
    const index = new URL('../../../../../kernels/assembly/neural/index.ts', import.meta.url)
    const exported = [...readFileSync(index, 'utf8').matchAll(/export \{([^}]*)\}/g)].flatMap(([, list]) =>
      list!.split(',').map((name) => name.trim()),
    )
    expect(exported.sort()).toEqual([...names].sort())
    for (const name of names) expect(typeof kernels[name]).toBe('function')
  })

  it.each(names.filter((name) => name !== 'sumOfSquares'))(
    '%s does what its reference does, bit for bit, and touches nothing else',
    (name) => {
      const arrays = ARRAY_COUNTS[name]
      const input = fc
        .nat(MOST)
        .chain((count) =>
          fc.array(fc.float32Array({ minLength: count, maxLength: count }), { minLength: arrays, maxLength: arrays }),
        )
      fc.assert(
        fc.property(input, fc.nat(7), fc.constantFrom(...SCALARS[name]), (values, offset, scalars) => {
          // Squared gradients are never negative.
          if (name === 'adam') values[3] = values[3]!.map(Math.abs)
          const { actual, result, expected, expectedResult } = runBoth(name, values, offset, scalars)
          expect(actual).toEqual(expected)
          expect(result).toBe(expectedResult)
          for (const [i, array] of values.entries())
            for (const at of [slot(i, offset) - 4, slot(i, offset) + array.length * 4])
              expect(floatsAt(at, 1)[0]).toBe(UNTOUCHED)
        }),
      )
    },
  )

  it('sums squares in double precision, the same always', () => {
    fc.assert(
      fc.property(fc.array(tame, { maxLength: MOST }), fc.nat(7), (list, offset) => {
        const { result, expectedResult } = runBoth('sumOfSquares', [Float32Array.from(list)], offset, [])
        expect(Math.abs(result! - expectedResult!)).toBeLessThanOrEqual(1e-14 * expectedResult!)
        expect(runBoth('sumOfSquares', [Float32Array.from(list)], (offset + 3) % 8, []).result).toBe(result)
      }),
    )
  })

  it('sees values that are not finite wherever they stand', () => {
    fc.assert(
      fc.property(fc.array(float, { maxLength: MOST }), (list) => {
        const { result } = runBoth('allFinite', [Float32Array.from(list)], 0, [])
        expect(result).toBe(list.every((value) => Number.isFinite(Math.fround(value))) ? 1 : 0)
      }),
    )
  })

  it('works on memory that is not shared', () => {
    expect(buffer).toBeInstanceOf(ArrayBuffer)
  })
})
