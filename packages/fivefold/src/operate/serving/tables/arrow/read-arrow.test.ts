import {
  bool,
  type Column,
  columnFromArray,
  type DataType,
  dateDay,
  decimal,
  dictionary,
  float16,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  largeUtf8,
  list,
  nullType,
  tableFromColumns,
  tableToIPC,
  timestamp,
  uint8,
  uint32,
  uint64,
  utf8,
} from '@uwdata/flechette'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FivefoldError } from '../../../../core/index.ts'
import { readArrow } from './read-arrow.ts'

const BOUNDS = { rows: 10_000, columns: 100 }

type Values = readonly unknown[]
const columnOf = (values: Values, type: DataType): Column<unknown> => columnFromArray(values as unknown[], type)

function arrowOf(columns: Readonly<Record<string, Column<unknown>>>, format: 'stream' | 'file' = 'stream'): Uint8Array {
  return tableToIPC(tableFromColumns(Object.entries(columns)), { format })!
}

const read = (bytes: Uint8Array, names: readonly string[] = ['x']): ReturnType<typeof readArrow> =>
  readArrow(bytes, new Set(names), BOUNDS)

const valuesOf = (type: DataType, values: Values): Values =>
  read(arrowOf({ x: columnOf(values, type) })).columns.get('x')!

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (thrown) {
    if (thrown instanceof FivefoldError) return thrown.code
    throw thrown
  }
  return 'read'
}

describe('columns of Arrow', () => {
  it.each([
    ['int8', int8(), [-128, 127, null]],
    ['int16', int16(), [-32768, 32767, null]],
    ['int32', int32(), [-(2 ** 31), 2 ** 31 - 1, null]],
    ['uint8', uint8(), [0, 255, null]],
    ['uint32', uint32(), [0, 2 ** 32 - 1, null]],
    ['int64', int64(), [-1, Number.MAX_SAFE_INTEGER, null]],
    ['uint64', uint64(), [0, 7, null]],
    ['float16', float16(), [0.5, -2, null]],
    ['float32', float32(), [0.5, -2, null]],
    ['float64', float64(), [0.1, 1e300, null]],
    ['bool', bool(), [true, false, null, true, true, false, true, false, true]],
    ['decimal of 128 bits', decimal(20, 2, 128), [12.25, -0.5, null]],
    ['utf8', utf8(), ['', 'Zürich', '日本', null]],
    ['large utf8', largeUtf8(), ['a', 'bc', null]],
    ['dictionary', dictionary(utf8(), int8()), ['a', 'b', 'a', null]],
    ['dictionary of long places', dictionary(utf8(), int32()), ['a', 'b', 'a', null]],
    ['null', nullType(), [null, null]],
  ])('of %s are read as they were written', (_name, type, values) => {
    expect(valuesOf(type as DataType, values)).toEqual(values)
  })

  it('keep integers beyond 2^53 exact', () => {
    expect(valuesOf(int64(), [2n ** 60n + 1n, -5n])).toEqual([2n ** 60n + 1n, -5])
  })

  it('hold days and timestamps as dates', () => {
    const day = new Date(Date.UTC(2024, 1, 29))
    expect(valuesOf(dateDay(), [day, null])).toEqual([day, null])
    for (const unit of [0, 1, 2, 3] as const) expect(valuesOf(timestamp(unit), [day, null])).toEqual([day, null])
  })

  it('are read from streams and files alike, in several batches, and only where they are wanted', () => {
    const x = columnFromArray(['a', 'b', 'c', 'a', null], dictionary(utf8(), int8()), { maxBatchRows: 2 })
    const y = columnFromArray([1, 2, 3, 4, 5], float64(), { maxBatchRows: 2 })
    for (const format of ['stream', 'file'] as const) {
      const table = read(arrowOf({ y, x }, format))
      expect(table).toEqual({ rowCount: 5, names: ['y', 'x'], columns: new Map([['x', ['a', 'b', 'c', 'a', null]]]) })
    }
  })

  it('come back from any values', () => {
    const cells = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<(T | null)[]> =>
      fc.array(fc.option(value), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(
        cells(fc.double({ noDefaultInfinity: false })),
        cells(fc.string({ unit: 'grapheme' })),
        cells(fc.boolean()),
        fc.constantFrom<'stream' | 'file'>('stream', 'file'),
        (numbers, texts, flags, format) => {
          const rows = Math.min(numbers.length, texts.length, flags.length)
          const columns = { n: numbers.slice(0, rows), t: texts.slice(0, rows), f: flags.slice(0, rows) }
          const types = { n: float64(), t: utf8(), f: bool() }
          const bytes = arrowOf(
            Object.fromEntries(
              Object.entries(columns).map(([name, values]) => [name, columnOf(values, types[name as 'n'])]),
            ),
            format,
          )
          const table = read(bytes, ['n', 't', 'f'])
          for (const [name, values] of Object.entries(columns)) expect(table.columns.get(name)).toEqual(values)
        },
      ),
    )
  })
})

describe('what is no table', () => {
  const sample = arrowOf({
    x: columnOf(['a', 'b', null, 'a'], dictionary(utf8(), int8())),
    y: columnOf([1, 2, 3, null], float64()),
    z: columnOf(['one', 'two', 'three', 'four'], utf8()),
  })

  it('is refused wherever it is cut off', () => {
    for (const format of ['stream', 'file'] as const) {
      const bytes = arrowOf({ x: columnOf(['a', 'b'], utf8()) }, format)
      const codes = Array.from({ length: bytes.length }, (_, length) => codeOf(() => read(bytes.subarray(0, length))))
      // A stream may end between two messages: behind its schema, and behind its rows.
      expect(codes.filter((code) => code === 'read').length).toBe(format === 'stream' ? 2 : 0)
      expect(codes.filter((code) => code === 'REQUEST_INVALID').length).toBe(
        bytes.length - (format === 'stream' ? 2 : 0),
      )
    }
  })

  it('is refused or read, whichever bytes are changed, and never breaks anything', () => {
    const change = fc.record({ at: fc.nat(sample.length - 1), to: fc.nat(255) })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const bytes = sample.slice()
        for (const { at, to } of changes) bytes[at] = to
        expect(['read', 'REQUEST_INVALID', 'REQUEST_TOO_LARGE', 'MODEL_INPUT']).toContain(
          codeOf(() => read(bytes, ['x', 'y', 'z'])),
        )
      }),
      { numRuns: 3000 },
    )
  })

  it('is refused where a list claims to be longer than its message', () => {
    const view = new DataView(sample.buffer, sample.byteOffset)
    let refused = 0
    // Wherever a length or a place stands, it may lie as well.
    for (let at = 8; at + 4 <= sample.length; at += 4) {
      const bytes = sample.slice()
      new DataView(bytes.buffer).setUint32(at, 0x7fff_ffff, true)
      if (view.getUint32(at, true) !== 0 && codeOf(() => read(bytes, ['x', 'y', 'z'])) !== 'read') refused++
    }
    expect(refused).toBeGreaterThan(20)
  })

  it('is refused with more rows, columns or nesting than a request may have', () => {
    const many = columnOf(new Array(11).fill(null), nullType())
    expect(codeOf(() => readArrow(arrowOf({ x: many }), new Set(['x']), { rows: 10, columns: 1 }))).toBe(
      'REQUEST_TOO_LARGE',
    )
    const one = columnOf([1], int8())
    expect(codeOf(() => readArrow(arrowOf({ x: one, y: one }), new Set(['x']), { rows: 10, columns: 1 }))).toBe(
      'REQUEST_TOO_LARGE',
    )
    expect(codeOf(() => read(arrowOf({ x: columnOf([[1]], list(int8())) })))).toBe('REQUEST_INVALID')
  })

  it('is refused with two columns of one name', () => {
    const bytes = tableToIPC(
      tableFromColumns([
        ['x', columnOf([1], int8())],
        ['x', columnOf([2], int8())],
      ]),
      { format: 'stream' },
    )!
    expect(codeOf(() => read(bytes))).toBe('REQUEST_INVALID')
  })
})
