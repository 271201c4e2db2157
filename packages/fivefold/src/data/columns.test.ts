import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  alignClasses,
  type ColumnSchema,
  type Frame,
  frameFromRows,
  frameOf,
  openTable,
  rowsWithTarget,
  type Schema,
  type SemanticType,
  type TensorType,
  targetFromColumn,
  writeFrames,
} from './index.ts'
import { temporaryFolder } from './testing-files.ts'

const column = (name: string, type: SemanticType, tensor: TensorType, nullable = true): ColumnSchema => ({
  name,
  type,
  tensor,
  nullable,
  evidence: 'declared',
})
const SCHEMA: Schema = {
  columns: [
    column('n', 'integer', 'double'),
    column('x', 'number', 'double'),
    column('b', 'boolean', 'bool', false),
    column('t', 'category', 'string'),
    column('d', 'datetime', 'double'),
  ],
}
const failsWith = (code: string) => expect.objectContaining({ code })

describe('writeFrames', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  beforeAll(async () => {
    folder = await temporaryFolder()
  })
  afterAll(() => folder.remove())

  const when = new Date('2012-02-29T12:34:56.789Z')
  const frame = frameOf({
    n: [1, null, 3],
    x: [0.1, -1e300, null],
    b: [true, false, true],
    t: ['a "q", b', null, 'ü\nz'],
    d: [when, null, new Date(0)],
  })

  it.each(['csv', 'jsonl', 'parquet'])('writes %s that reads back alike', async (extension) => {
    const path = folder.path(`out.${extension}`)
    await writeFrames(frame, SCHEMA, path)
    await using table = await openTable({ location: path, schema: SCHEMA })
    expect(await table.read()).toMatchObject({ rowCount: 3 })
    const rows = await table.query('SELECT n, x, b, t, epoch_ms(d) AS d FROM data ORDER BY __row')
    expect(rows).toEqual([
      { n: 1, x: 0.1, b: true, t: 'a "q", b', d: when.getTime() },
      { n: null, x: -1e300, b: false, t: null, d: null },
      { n: 3, x: null, b: true, t: 'ü\nz', d: 0 },
    ])
    expect(readdirSync(folder.path('.')).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('writes instants as ISO 8601 in text, and streams with further columns', async () => {
    async function* stream(): AsyncIterable<Frame> {
      yield frameOf({ d: [when], score: [0.5] })
      yield frameOf({ d: [null], score: [0.25] })
    }
    const path = folder.path('stream.csv')
    await writeFrames(stream(), { columns: [SCHEMA.columns[4]!] }, path)
    expect(readFileSync(path, 'utf8')).toBe('d,score\n2012-02-29T12:34:56.789Z,0.5\n,0.25\n')
  })

  it('leaves the old file where it fails', async () => {
    async function* failing(): AsyncIterable<Frame> {
      yield frameOf({ score: [1] })
      throw new Error('source broke')
    }
    const path = folder.path('kept.csv')
    await writeFrames(frameOf({ score: [7] }), { columns: [] }, path)
    await expect(writeFrames(failing(), { columns: [] }, path)).rejects.toThrow('source broke')
    expect(readFileSync(path, 'utf8')).toBe('score\n7.0\n')
    await expect(writeFrames(frame, SCHEMA, folder.path('x.xlsx'))).rejects.toEqual(failsWith('OPTION_INVALID'))
  })
})

describe('frameFromRows', () => {
  it('converts rows of a request', () => {
    const { frame, issues } = frameFromRows(
      [
        { n: 1, x: '2.5', b: true, t: 7, d: '2012-07-01' },
        { b: 0, d: '2012-07-01T02:00:00+02:00', t: '', x: null },
        { b: 'false', d: 1341100800000, n: Number.POSITIVE_INFINITY },
      ],
      SCHEMA,
    )
    expect(issues).toEqual([])
    const instant = Date.UTC(2012, 6, 1)
    expect(frame).toEqual({
      rowCount: 3,
      columns: new Map([
        ['n', { kind: 'number', values: Float64Array.of(1, Number.NaN, Number.NaN) }],
        ['x', { kind: 'number', values: Float64Array.of(2.5, Number.NaN, Number.NaN) }],
        ['b', { kind: 'number', values: Float64Array.of(1, 0, 0) }],
        ['t', { kind: 'string', codes: Int32Array.of(0, -1, -1), dictionary: ['7'] }],
        ['d', { kind: 'number', values: Float64Array.of(instant, instant, instant) }],
      ]),
    })
  })

  it('names row and column of what does not fit', () => {
    const { issues } = frameFromRows(
      [{ n: 'many', b: true, extra: 1 }, { x: [1] }, { b: 2, t: {}, d: '01/02/2012' }],
      SCHEMA,
    )
    expect(issues.map(({ path }) => path.join('.')).sort()).toEqual([
      'rows.0.extra',
      'rows.0.n',
      'rows.1.b',
      'rows.1.x',
      'rows.2.b',
      'rows.2.d',
      'rows.2.t',
    ])
  })

  it('takes any JSON without throwing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.constantFrom('n', 'x', 'b', 't', 'd', '__proto__', 'constructor'), fc.jsonValue()), {
          maxLength: 5,
        }),
        (rows) => {
          const { frame } = frameFromRows(rows, SCHEMA)
          expect(frame.rowCount).toBe(rows.length)
          for (const part of frame.columns.values())
            if (part.kind === 'number')
              expect(part.values.every((value) => Number.isNaN(value) || Number.isFinite(value))).toBe(true)
        },
      ),
    )
  })
})

describe('targets', () => {
  const target = (
    values: readonly (string | number | null)[],
    type: SemanticType,
    task: 'classification' | 'regression',
  ) => {
    const source = frameOf({ y: values }).columns.get('y')!
    return {
      source,
      made: () => targetFromColumn(source, column('y', type, source.kind === 'number' ? 'double' : 'string'), task),
    }
  }

  it('sorts classes as text, as numbers, and names booleans', () => {
    expect(target(['b', null, 'B', 'a', 'b'], 'category', 'classification').made()).toEqual({
      kind: 'classes',
      classes: ['B', 'a', 'b'],
      codes: Int32Array.of(2, -1, 0, 1, 2),
    })
    expect(target(['10', '9', '10'], 'category', 'classification').made()).toMatchObject({ classes: ['9', '10'] })
    expect(target([10, null, 9], 'integer', 'classification').made()).toEqual({
      kind: 'classes',
      classes: ['9', '10'],
      codes: Int32Array.of(1, -1, 0),
    })
    expect(target([1, 0], 'boolean', 'classification').made()).toMatchObject({ classes: ['false', 'true'] })
    const { source } = target([1, null, 2], 'number', 'regression')
    expect([...rowsWithTarget(source)]).toEqual([0, 2])
  })

  it.each([
    ['one class', ['a', 'a', null], 'category', 'classification'],
    ['nothing', [null, null], 'number', 'classification'],
    ['nothing to regress on', [null, null], 'number', 'regression'],
    ['one number', [3, 3], 'number', 'regression'],
    ['text', ['a', 'b'], 'category', 'regression'],
  ] as const)('refuses %s', (_, values, type, task) => {
    expect(target(values, type, task).made).toThrow(failsWith('PROBLEM_TARGET_UNUSABLE'))
  })

  it('aligns labels that differ by spaces and a full stop, and refuses unseen ones', () => {
    const found = target(['>50K.', '<=50K.', null], 'category', 'classification').made()
    const { target: aligned, warnings } = alignClasses(found, ['<=50K', '>50K'])
    expect(aligned).toEqual({ kind: 'classes', classes: ['<=50K', '>50K'], codes: Int32Array.of(1, 0, -1) })
    expect(warnings).toEqual(["label '<=50K.' is taken for class '<=50K'", "label '>50K.' is taken for class '>50K'"])
    expect(() => alignClasses(found, ['<=50K', 'rich'])).toThrow(/'>50K\.'.*its classes are <=50K, rich/)
  })
})
