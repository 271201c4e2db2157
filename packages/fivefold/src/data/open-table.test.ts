import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createContext, OWNER_TAG } from '../core/index.ts'
import { type Frame, numberColumnOf, openTable, type SourceOptions, stringColumnOf } from './index.ts'
import { temporaryFolder } from './testing-files.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeAll(async () => {
  folder = await temporaryFolder()
})
afterAll(() => folder.remove())

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(folder.path(name), content)
  return folder.path(name)
}

function plain(frame: Frame): Record<string, (number | string | null)[]> {
  const values = [...frame.columns].map(([name, column]) => [
    name,
    column.kind === 'number'
      ? [...column.values].map((value) => (Number.isNaN(value) ? null : value))
      : [...column.codes].map((code) => column.dictionary[code] ?? null),
  ])
  return Object.fromEntries(values)
}

async function load(source: string | SourceOptions) {
  await using table = await openTable(source)
  const types = Object.fromEntries(table.schema.columns.map(({ name, type }) => [name, type]))
  return { types, values: plain(await table.read()), schema: table.schema, hash: await table.contentHash() }
}

const failsWith = (code: string, message?: RegExp) =>
  expect.objectContaining({ code, ...(message ? { message: expect.stringMatching(message) } : {}) })

describe('CSV dialects', () => {
  it('reads quotes with newlines and delimiters, CRLF, a byte order mark', async () => {
    const path = file('quotes.csv', '\uFEFFname,"a, b"\r\n"two\nlines",1\r\n"say ""hi""",2\r\n')
    const { values } = await load(path)
    expect(values).toEqual({ name: ['two\nlines', 'say "hi"'], 'a, b': [1, 2] })
  })

  it.each([';', '\t', '|', ','])('finds the delimiter %j', async (delimiter) => {
    const path = file(
      'delimited.csv',
      [
        ['x', 'y'],
        ['1', 'a'],
        ['2', 'b'],
      ]
        .map((row) => row.join(delimiter))
        .join('\n'),
    )
    expect((await load(path)).values).toEqual({ x: [1, 2], y: ['a', 'b'] })
  })

  it('reads decimal commas, also with dots between thousands, and thousands commas in quotes', async () => {
    const german = file('german.csv', 'preis;menge\n1,5;3\n1.234,25;4\n-2,0;5\n')
    expect((await load(german)).values).toEqual({ preis: [1.5, 1234.25, -2], menge: [3, 4, 5] })
    const english = file('english.csv', 'price,n\n"1,234",1\n"12,345,678.5",2\n')
    expect((await load(english)).values).toEqual({ price: [1234, 12345678.5], n: [1, 2] })
    const declared = file('declared.csv', 'a;b\n1.000;2,5\n')
    expect((await load({ location: declared, decimal: ',' })).values).toMatchObject({ b: [2.5] })
  })

  it('reads gzip and Latin-1', async () => {
    const path = file('latin.csv.gz', gzipSync(Buffer.from('stadt,n\nKöln,1\nZürich,2\n', 'latin1')))
    expect((await load(path)).values).toEqual({ stadt: ['Köln', 'Zürich'], n: [1, 2] })
  })

  it('takes names for a file without a header', async () => {
    const path = file('bare.csv', '1, x\n2, ?\n')
    expect((await load({ location: path, columns: ['n', 'c'] })).values).toEqual({ n: [1, 2], c: ['x', null] })
    await expect(load({ location: path, columns: ['n'] })).rejects.toEqual(
      failsWith('DATA_UNREADABLE', /2 values, and 1/),
    )
  })

  it('treats marks of missing values, blanks and infinities as missing', async () => {
    const path = file('missing.csv', 'n,t,f\n1, a ,1.5\n?,NA,inf\nN/A,None,-Infinity\n , ,nan\nNULL,b,2\n')
    const { values, schema } = await load(path)
    expect(values).toEqual({
      n: [1, null, null, null, null],
      // 'None' is a word like any other: a kind of damage, a kind of contract.
      t: ['a', null, 'None', null, 'b'],
      f: [1.5, null, null, null, 2],
    })
    expect(schema.columns[2]!.evidence).toMatch(/infinite/)
    expect((await load({ location: path, missing: [] })).values.t).toEqual(['a', 'NA', 'None', null, 'b'])
  })

  it('reads files of a glob in order, and a file whose name looks like a glob', async () => {
    file('part-2.csv', 'v\n3\n')
    file('part-1.csv', 'v\n1\n2\n')
    expect((await load(folder.path('part-*.csv'))).values).toEqual({ v: [1, 2, 3] })
    file('part-3.csv', 'w\n3\n')
    await expect(load(folder.path('part-*.csv'))).rejects.toEqual(failsWith('DATA_UNREADABLE', /header differs/))
    expect((await load(file(`odd [1]'s.csv`, 'v\n7\n8\n'))).values).toEqual({ v: [7, 8] })
  })

  it('takes hostile column names as names', async () => {
    const path = file('hostile.csv', `"x""; DROP TABLE stored; --",it's\n1,2\n3,4\n`)
    expect((await load(path)).values).toEqual({ 'x"; DROP TABLE stored; --': [1, 3], "it's": [2, 4] })
  })
})

describe('semantic types', () => {
  const rows = (count: number, row: (at: number) => string): string =>
    Array.from({ length: count }, (_, at) => row(at)).join('\n')

  it('tells identifiers, integers, numbers, booleans, categories, texts, datetimes and constants apart', async () => {
    const text = rows(60, (at) =>
      [
        1000 + at,
        `K-${at}x`,
        (at * 37) % 11,
        (at * 7919) / 13,
        at % 2 === 0,
        `c${at % 3}`,
        `some words about thing ${at}`,
        `2011-01-${String((at % 28) + 1).padStart(2, '0')}`,
        'same',
        `0${at % 7}123`,
      ].join(','),
    )
    const { types, schema } = await load(file('types.csv', `row,code,n,x,b,c,t,d,k,zip\n${text}\n`))
    expect(types).toEqual({
      row: 'identifier',
      code: 'identifier',
      n: 'integer',
      x: 'number',
      b: 'boolean',
      c: 'category',
      t: 'text',
      d: 'datetime',
      k: 'constant',
      zip: 'category',
    })
    expect(schema.columns.map(({ tensor }) => tensor)).toEqual([
      'int64',
      'string',
      'int64',
      'double',
      'bool',
      'string',
      'string',
      'double',
      'string',
      'string',
    ])
    for (const column of schema.columns) expect(column.evidence).toMatch(/./)
  })

  it('does not take a rising series of years or unique measurements for identifiers', async () => {
    const text = rows(40, (at) => `${1980 + at},${at * at * 31 + 7},${(at * 7919) % 40_009}`)
    expect((await load(file('series.csv', `year,population,weight\n${text}\n`))).types).toEqual({
      year: 'integer',
      population: 'integer',
      weight: 'integer',
    })
  })

  it('widens integers and booleans with gaps to double', async () => {
    const { schema, types } = await load(file('gaps.csv', 'n,b\n1,true\n,\n3,false\n'))
    expect(types).toEqual({ n: 'integer', b: 'boolean' })
    expect(schema.columns.map(({ tensor, nullable }) => [tensor, nullable])).toEqual([
      ['double', true],
      ['double', true],
    ])
  })

  it('takes a few words in a column of numbers as missing and says so', async () => {
    const text = rows(200, (at) => (at === 77 ? 'unknown' : String(at / 4)))
    const { types, schema } = await load(file('words.csv', `x,y\n${text.replaceAll('\n', ',1\n')},2\n`))
    expect(types.x).toBe('number')
    expect(schema.columns[0]!.evidence).toContain("199 of 200 values parse as numbers; 'unknown'")
  })

  it('keeps integers beyond 2^53 as text', async () => {
    const { values } = await load(file('big.csv', 'n,m\n9007199254740993,1\n9007199254740995,2\n'))
    expect(values.n).toEqual(['9007199254740993', '9007199254740995'])
  })

  it('reads datetimes in common formats and says where they are ambiguous', async () => {
    const { values, schema } = await load(
      file(
        'dates.csv',
        'iso,us,eu,amb,zone,words\n2011-01-02,12/31/2011,31.12.2011 14:30,01/02/2011,2011-01-01T05:00:00+02:00,5 Jan 2011\n2011-01-03 10:00,01/02/2011,01.02.2011 00:00,03/04/2011,2011-01-01T03:00:00Z,17 Feb 2012\n',
      ),
    )
    const ms = (text: string): number => Date.parse(text)
    expect(values).toEqual({
      iso: [ms('2011-01-02T00:00Z'), ms('2011-01-03T10:00Z')],
      us: [ms('2011-12-31T00:00Z'), ms('2011-01-02T00:00Z')],
      eu: [ms('2011-12-31T14:30Z'), ms('2011-02-01T00:00Z')],
      amb: [ms('2011-01-02T00:00Z'), ms('2011-03-04T00:00Z')],
      zone: [ms('2011-01-01T03:00Z'), ms('2011-01-01T03:00Z')],
      words: [ms('2011-01-05T00:00Z'), ms('2012-02-17T00:00Z')],
    })
    expect(schema.columns.map(({ evidence }) => /ambiguous/.test(evidence))).toEqual([
      false,
      false,
      false,
      true,
      false,
      false,
    ])
  })

  it('obeys declared types, epochs included, and names the row that does not fit', async () => {
    const path = file('declared-types.csv', 'n,s,y\n1,1293840000,yes\n2,1293926400,no\n')
    const { values, schema } = await load({ location: path, types: { n: 'category', s: 'datetime', y: 'boolean' } })
    expect(values).toEqual({ n: ['1', '2'], s: [1293840000000, 1293926400000], y: [1, 0] })
    expect(schema.columns.map(({ evidence }) => evidence)).toEqual(['declared', 'declared', 'declared'])
    const bad = file('bad-types.csv', 'n\n1\nthree\n4\n')
    await expect(load({ location: bad, types: { n: 'integer' } })).rejects.toEqual(
      failsWith('DATA_TYPE_MISMATCH', /column 'n', row 1: 'three' is not of type integer/),
    )
    await expect(load({ location: bad, types: { m: 'integer' } })).rejects.toEqual(
      failsWith('DATA_COLUMN_UNKNOWN', /'m'/),
    )
  })
})

describe('reading', () => {
  const source = (): string =>
    file(
      'reading.csv',
      `i,c\n${Array.from({ length: 5000 }, (_, at) => `${at},${at % 7 === 0 ? '' : `v${at % 5}`}`).join('\n')}\n`,
    )

  it('reads chosen rows and columns, in order', async () => {
    await using table = await openTable(source())
    const rows = Uint32Array.of(0, 1, 2, 700, 2047, 2048, 4095, 4999)
    const frame = await table.read(['c', 'i'], rows)
    expect([...frame.columns.keys()]).toEqual(['c', 'i'])
    expect([...numberColumnOf(frame, 'i').values]).toEqual([...rows])
    const { codes, dictionary } = stringColumnOf(frame, 'c')
    expect([...codes].map((code) => dictionary[code] ?? null)).toEqual(
      [...rows].map((at) => (at % 7 === 0 ? null : `v${at % 5}`)),
    )
    expect((await table.read(['i'], new Uint32Array())).rowCount).toBe(0)
    await expect(table.read(['i'], Uint32Array.of(5000))).rejects.toEqual(failsWith('OPTION_INVALID'))
    await expect(table.read(['i'], Uint32Array.of(2, 1))).rejects.toEqual(failsWith('OPTION_INVALID'))
    await expect(table.read(['nope'])).rejects.toEqual(failsWith('DATA_COLUMN_UNKNOWN', /'nope'; there are: i, c/))
  })

  it('scans in batches and answers SQL', async () => {
    await using table = await openTable(source())
    const sizes: number[] = []
    let sum = 0
    for await (const frame of table.scan(['i'], 1900)) {
      sizes.push(frame.rowCount)
      sum += numberColumnOf(frame, 'i').values.reduce((total, value) => total + value, 0)
    }
    expect(sizes).toEqual([1900, 1900, 1200])
    expect(sum).toBe((4999 * 5000) / 2)
    expect(await table.query('SELECT count(*) AS n, sum(i) AS s, max(__row) AS last, count(c) AS c FROM data')).toEqual(
      [{ n: 5000, s: sum, last: 4999, c: 4285 }],
    )
    await expect(table.query('SELECT nope FROM data')).rejects.toEqual(failsWith('DATA_QUERY_INVALID', /nope/))
  })

  it('derives and filters without losing the order of rows', async () => {
    const list = Array.from({ length: 30 }, (_, k) => `'v${k}'`).join(', ')
    const { values, types } = await load({
      location: source(),
      derive: { late: 'i > 2500', i: 'i * 2' },
      where: `c IN (${list}) AND i BETWEEN 2498 AND 2503`,
    })
    expect(types.late).toBe('boolean')
    expect(values).toEqual({
      c: ['v3', 'v0', 'v1', 'v2', 'v3'],
      late: [0, 0, 1, 1, 1],
      i: [4996, 5000, 5002, 5004, 5006],
    })
    await expect(load({ location: source(), where: 'i > 99999' })).rejects.toEqual(failsWith('DATA_EMPTY'))
    await expect(load({ location: source(), derive: { x: 'nope + 1' } })).rejects.toEqual(
      failsWith('DATA_QUERY_INVALID', /nope/),
    )
  })

  it('hashes the content, wherever and in whatever format it lies', async () => {
    const csv = file('same.csv', 'a,b\n1,x\n2,\n3,z\n')
    const jsonl = file('same.jsonl', '{"a":1,"b":"x"}\n{"a":2,"b":null}\n{"a":3,"b":"z"}\n')
    const other = file('other.csv', 'a,b\n1,x\n2,\n3,y\n')
    const hashes = await Promise.all([csv, jsonl, other].map(async (path) => (await load(path)).hash))
    expect(hashes[0]).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(hashes[1]).toBe(hashes[0])
    expect(hashes[2]).not.toBe(hashes[0])
  })

  it('opens other data by the schema of the first', async () => {
    const train = await load(file('train.csv', 'n,when,c\n1,31/12/2011,a\n2,30/11/2011,b\n'))
    const test = file('test.csv', 'extra,c,when,n\n9,7,01/02/2012,\n9,8,02/03/2012,5\n')
    const { values, schema } = await load({ location: test, schema: train.schema })
    expect(values).toEqual({ n: [null, 5], when: [Date.UTC(2012, 1, 1), Date.UTC(2012, 2, 2)], c: ['7', '8'] })
    expect(schema.columns.map(({ name, type, nullable }) => [name, type, nullable])).toEqual([
      ['n', 'integer', true],
      ['when', 'datetime', false],
      ['c', 'category', false],
    ])
    const { datetimeFormat: _, ...formatless } = train.schema.columns[1]!
    const silent = { columns: [formatless] }
    await expect(load({ location: test, schema: silent })).rejects.toEqual(failsWith('DATA_TYPE_MISMATCH', /alike/))
    const declared = await load({ location: test, types: { when: 'datetime' } })
    expect(declared.schema.columns[2]!.evidence).toMatch(/^declared; ambiguous/)
    const bad = file('test-bad.csv', 'c,when,n\na,01/02/2012,1\nb,02/03/2012,2.5\n')
    await expect(load({ location: bad, schema: train.schema })).rejects.toEqual(
      failsWith('DATA_TYPE_MISMATCH', /column 'n', row 1: '2.5'/),
    )
    const lacking = file('test-lacking.csv', 'c,n\na,1\n')
    await expect(load({ location: lacking, schema: train.schema })).rejects.toEqual(
      failsWith('DATA_COLUMN_UNKNOWN', /'when'/),
    )
  })
})

describe('other sources', () => {
  it('reads typed JSON lines with nested values, and a DuckDB file', async () => {
    const jsonl = file(
      'typed.jsonl',
      '{"n":1,"f":1.5,"b":true,"t":"x","l":[1,2],"o":{"k":1}}\n{"n":2,"f":2,"b":false,"l":[],"o":{"k":2}}\n',
    )
    const { values, types } = await load(jsonl)
    expect(values).toMatchObject({ n: [1, 2], f: [1.5, 2], b: [1, 0], t: ['x', null] })
    expect(types).toMatchObject({ n: 'integer', f: 'number', b: 'boolean' })
    const instance = await DuckDBInstance.create(folder.path('db.duckdb'))
    const connection = await instance.connect()
    await connection.run(
      `CREATE TABLE t AS SELECT range AS i, DATE '2020-01-01' + range::INTEGER AS d, 'x' || range AS s, range / 4 AS q FROM range(5)`,
    )
    connection.closeSync()
    instance.closeSync()
    const table = await load(`duckdb:${folder.path('db.duckdb')}?table=t`)
    expect(table.types).toEqual({ i: 'integer', d: 'datetime', s: 'category', q: 'number' })
    const queried = await load(
      `duckdb:${folder.path('db.duckdb')}?query=${encodeURIComponent('SELECT i, i % 2 AS odd FROM t WHERE i > 1')}`,
    )
    expect(queried.values).toEqual({ i: [2, 3, 4], odd: [0, 1, 0] })
    await expect(load(`duckdb:${folder.path('db.duckdb')}?table=nope`)).rejects.toEqual(
      failsWith('DATA_NOT_FOUND', /nope/),
    )
    await expect(load(`duckdb:${folder.path('db.duckdb')}`)).rejects.toEqual(failsWith('OPTION_INVALID'))
  })
})

describe('order of rows', () => {
  it('outlasts expressions that DuckDB runs as joins on several threads', async () => {
    const path = folder.path('order.duckdb')
    const instance = await DuckDBInstance.create(path)
    const connection = await instance.connect()
    // Several row groups of 122 880 rows each, since one group is worked on by one thread and keeps its order anyway.
    await connection.run(`CREATE TABLE t AS SELECT range AS i, 'v' || range % 200 AS c FROM range(1000000)`)
    connection.closeSync()
    instance.closeSync()
    const list = Array.from({ length: 200 }, (_, at) => `'v${at}'`).join(', ')
    const context = createContext({ threads: 4 })
    for (const derive of [undefined, { known: `c IN (${list})` }]) {
      await using table = await openTable(
        { location: `duckdb:${path}?table=t`, ...(derive ? { derive } : {}) },
        context,
      )
      const { values } = numberColumnOf(await table.read(['i']), 'i')
      expect(values.length).toBe(1_000_000)
      expect(values.every((value, at) => value === at)).toBe(true)
    }
  })
})

describe('failures', () => {
  it.each([
    ['an empty file', 'empty.csv', '', 'DATA_EMPTY', undefined],
    ['a header only', 'header.csv', 'a,b\n', 'DATA_EMPTY', undefined],
    ['an empty JSONL file', 'empty.jsonl', '', 'DATA_EMPTY', undefined],
    ['columns of one name', 'double.csv', 'a,b,a\n1,2,3\n', 'DATA_COLUMN_DUPLICATE', /two columns are named 'a'/],
    ['columns that differ in case', 'case.csv', 'a,A\n1,2\n', 'DATA_COLUMN_DUPLICATE', /differ only in case/],
    ['a short line', 'ragged.csv', 'a,b\n1,2\n3\n4,5\n', 'DATA_UNREADABLE', /line 3: expected 2 values, found 1$/],
    ['a long line', 'ragged2.csv', 'a,b\n1,2\n3,4,5\n', 'DATA_UNREADABLE', /line 3: expected 2 values, found 3$/],
    ['an open quote', 'quote.csv', 'a,b\n1,"2\n3,4\n', 'DATA_UNREADABLE', /line 2/],
    ['binary data as CSV', 'binary.csv', 'PAR1\0\0\0\u0001', 'DATA_UNREADABLE', /NUL/],
    ['text as Parquet', 'fake.parquet', 'a,b\n1,2\n', 'DATA_UNREADABLE', /fake.parquet/],
    ['broken JSON', 'broken.jsonl', '{"a":1}\n{"a":\n', 'DATA_UNREADABLE', /broken.jsonl/],
    ['a truncated gzip', 'cut.csv.gz', gzipSync('a,b\n1,2\n').subarray(0, 20), 'DATA_UNREADABLE', undefined],
  ] as const)('%s', async (_, name, content, code, message) => {
    await expect(load(file(name, content))).rejects.toEqual(failsWith(code, message))
  })

  it('names what does not exist', async () => {
    await expect(load(folder.path('none.csv'))).rejects.toEqual(failsWith('DATA_NOT_FOUND'))
    await expect(load(folder.path('none-*.csv'))).rejects.toEqual(failsWith('DATA_NOT_FOUND'))
    await expect(load('duckdb:/nowhere.db?table=t')).rejects.toEqual(failsWith('DATA_NOT_FOUND'))
  })

  it('never leaks what DuckDB said beyond its first line', async () => {
    const error: unknown = await load(file('leak.csv', 'a,b\n1\n')).catch((thrown: unknown) => thrown)
    expect(String(error)).not.toMatch(/Possible fixes|LINE 1|\n/)
  })

  it('stops when cancelled, before and during the work', async () => {
    const path = file('cancel.csv', `i,t\n${Array.from({ length: 20_000 }, (_, at) => `${at},x${at}`).join('\n')}\n`)
    const controller = new AbortController()
    await using table = await openTable(path, createContext({ signal: controller.signal }))
    const slow = table.query('SELECT count(*) FROM data a, data b, data c WHERE a.i + b.i + c.i = 7')
    setTimeout(() => controller.abort(), 50)
    await expect(slow).rejects.toEqual(failsWith('CANCELLED'))
    await expect(table.read()).rejects.toEqual(failsWith('CANCELLED'))
    await expect(openTable(path, createContext({ signal: controller.signal }))).rejects.toEqual(failsWith('CANCELLED'))
  })

  it('says that a closed table is closed', async () => {
    const table = await openTable(file('closed.csv', 'a\n1\n2\n'))
    await table.close()
    await table.close()
    await expect(table.read()).rejects.toEqual(failsWith('DATA_UNREADABLE', /closed/))
  })
})

describe('folders of killed processes', () => {
  it('are taken away by the next process, those of living ones are not', async () => {
    const parent = folder.path('temporary')
    const place = OWNER_TAG.split('-')[2]
    const [killed, alive, foreign] = [`4194305-1-${place}`, OWNER_TAG, `4194305-1-${'0'.repeat(12)}`]
    for (const tag of [killed, alive, foreign])
      mkdirSync(join(parent, `fivefold-db-${tag}-abcdef`), { recursive: true })
    vi.stubEnv('TMPDIR', parent)
    vi.resetModules()
    // A module of its own stands for a process of its own: the first table is what clears up.
    const fresh = await import('./index.ts')
    const table = await fresh.openTable(file('tiny.csv', 'a,b\n1,2\n3,4\n'))
    vi.unstubAllEnvs()
    const left = readdirSync(parent)
    await table.close()
    expect(left).toHaveLength(3)
    expect(left).not.toContain(`fivefold-db-${killed}-abcdef`)
    expect(readdirSync(parent).sort()).toEqual([`fivefold-db-${alive}-abcdef`, `fivefold-db-${foreign}-abcdef`].sort())
  })
})
