import { readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import {
  bool,
  columnFromArray,
  dictionary,
  float64,
  int8,
  int32,
  tableFromColumns,
  tableFromIPC,
  tableToIPC,
  timestamp,
  utf8,
} from '@uwdata/flechette'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createContext } from '../../../../core/index.ts'
import { openTable } from '../../../../data/index.ts'
import { creditModel, doublingModel } from '../../model/servable.test.fixture.ts'
import { createModelRepository } from '../../runtime/create-repository.ts'
import { createServingApp, type ServingApp } from '../../server/serving-app.ts'
import { HALF_PLUS_TWO } from '../protocol-app.test.fixture.ts'

let serving: ServingApp
let app: FastifyInstance
beforeAll(async () => {
  const context = createContext()
  const repository = createModelRepository({ context })
  for (const model of [creditModel(), doublingModel(), HALF_PLUS_TWO]) await repository.add(model)
  serving = await createServingApp({ repository, context, limits: { bodyBytes: 1 << 20, rows: 1000 } })
  app = serving.app
})
afterAll(() => serving.stop())

const SINCE = '2020-02-29T12:00:00Z'
const ROWS = [
  { age: 40, children: 2, job: 'nurse', owner: true, since: SINCE },
  { age: null, children: 0, job: null, owner: false, since: null },
  { age: 16, children: 1, job: 'a "b", c', owner: true, since: SINCE },
]
const PREDICTIONS = [
  { label: 'yes', probabilities: { no: 0.6875, yes: 0.3125 } },
  { label: 'yes', probabilities: { no: 0.5, yes: 0.5 } },
  { label: 'no', probabilities: { no: 0.875, yes: 0.125 } },
]

const STREAM = 'application/vnd.apache.arrow.stream'
const FILE = 'application/vnd.apache.arrow.file'
const PARQUET = 'application/vnd.apache.parquet'

const post = (body: string | Uint8Array, type: string, accept = 'application/json', url = '/predict') =>
  app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': type, accept },
    payload: typeof body === 'string' ? body : Buffer.from(body),
  })

function arrow(format: 'stream' | 'file', extra: object = {}): Uint8Array {
  const column = <Name extends keyof (typeof ROWS)[0]>(name: Name): (typeof ROWS)[0][Name][] =>
    ROWS.map((row) => row[name])
  const since = column('since').map((text) => (text === null ? null : new Date(text)))
  const columns = {
    since: columnFromArray(since, timestamp(2)),
    owner: columnFromArray(column('owner'), bool()),
    job: columnFromArray(column('job'), dictionary(utf8(), int8())),
    children: columnFromArray(column('children'), int32()),
    age: columnFromArray(column('age'), float64()),
    ...extra,
  }
  return tableToIPC(tableFromColumns(columns), { format })!
}

/** The bytes of a Parquet file that DuckDB makes of a query. */
async function parquet(query: string, options = ''): Promise<Uint8Array> {
  const path = join(tmpdir(), `fivefold-test-${process.pid}-${Math.random().toString(36).slice(2)}.parquet`)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet${options})`)
    return await readFile(path)
  } finally {
    connection.closeSync()
    instance.closeSync()
    await rm(path, { force: true })
  }
}

const CREDIT_SQL = `SELECT * FROM (VALUES
  (40, 2::TINYINT, 'nurse', true, TIMESTAMP '2020-02-29 12:00:00'),
  (NULL, 0, NULL, false, NULL),
  (16, 1, 'a "b", c', true, TIMESTAMP '2020-02-29 12:00:00')) AS t(age, children, job, owner, since)`

describe('rows in other forms', () => {
  it('get the answers that they get in JSON', async () => {
    const bodies: [string, string | Uint8Array][] = [
      ['application/json', JSON.stringify({ rows: ROWS })],
      ['application/jsonlines', ROWS.map((row) => JSON.stringify(row)).join('\n')],
      ['application/x-ndjson', `${ROWS.map((row) => JSON.stringify(row)).join('\r\n')}\r\n`],
      [
        'text/csv',
        `age,children,job,owner,since\n40,2,nurse,true,${SINCE}\n,0,,false,\n16,1,"a ""b"", c",true,${SINCE}\n`,
      ],
      [STREAM, arrow('stream')],
      [FILE, arrow('file')],
      [PARQUET, await parquet(CREDIT_SQL)],
      ['application/x-parquet', await parquet(CREDIT_SQL, ', COMPRESSION zstd')],
    ]
    for (const [type, body] of bodies) {
      const reply = await post(body, type)
      expect([type, reply.statusCode, reply.json().predictions]).toEqual([type, 200, PREDICTIONS])
    }
  })

  it('are answered as Accept says', async () => {
    const body = JSON.stringify(ROWS)
    const csv = await post(body, 'application/json', 'text/csv')
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(csv.body).toBe('label,probability_no,probability_yes\nyes,0.6875,0.3125\nyes,0.5,0.5\nno,0.875,0.125\n')
    expect([csv.headers['x-fivefold-model'], csv.headers['x-fivefold-version']]).toEqual(['credit', '3'])
    const lines = await post(body, 'application/json', 'application/jsonlines')
    expect(
      lines.body
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(PREDICTIONS)
    for (const type of [STREAM, FILE]) {
      const reply = await post(body, 'application/json', type)
      expect(reply.headers['content-type']).toBe(type)
      expect(tableFromIPC(new Uint8Array(reply.rawPayload)).toColumns()).toMatchObject({
        label: ['yes', 'yes', 'no'],
        probability_yes: Float32Array.of(0.3125, 0.5, 0.125),
      })
    }
  })

  it('are answered as Parquet', async () => {
    const reply = await post(JSON.stringify(ROWS), 'application/json', PARQUET)
    const path = join(tmpdir(), `fivefold-test-${process.pid}-answer.parquet`)
    await writeFile(path, reply.rawPayload)
    await using table = await openTable(path)
    expect(await table.query('SELECT label, probability_yes AS yes FROM data ORDER BY __row')).toEqual([
      { label: 'yes', yes: 0.3125 },
      { label: 'yes', yes: 0.5 },
      { label: 'no', yes: 0.125 },
    ])
    await rm(path)
  })

  it('of a regression leave out what is not finite', async () => {
    const url = '/models/doubling/predict'
    const rows = JSON.stringify([{ x: 2 }, {}])
    expect((await post(rows, 'application/json', 'text/csv', url)).body).toBe('prediction\n4\n\n')
    const reply = await post(rows, 'application/json', STREAM, url)
    expect(Array.from(tableFromIPC(new Uint8Array(reply.rawPayload)).getChild('prediction')!)).toEqual([4, null])
  })

  it('are told of columns that are left out, whatever the form of the answer', async () => {
    const body = arrow('stream', { größe: columnFromArray([1, 2, 3], int8()) })
    expect((await post(body, STREAM)).json().warnings).toEqual(['columns that are not asked for are left out: größe'])
    expect((await post(body, STREAM, 'text/csv')).headers['x-fivefold-warnings']).toBe(
      'columns that are not asked for are left out: gr%c3%b6%c3%9fe',
    )
  })

  it('name row and column of what does not fit', async () => {
    const wrong = columnFromArray(['old', 'young', null], utf8())
    for (const [type, body] of [
      [STREAM, arrow('stream', { age: wrong })],
      [PARQUET, await parquet(CREDIT_SQL.replace('(40,', "('old',").replace('(16,', "('17',"))],
    ] as const) {
      const reply = await post(body, type)
      expect([type, reply.statusCode]).toEqual([type, 422])
      expect(reply.json().error.issues[0]).toEqual({ path: ['rows', 0, 'age'], message: "'old' is not a number" })
    }
  })

  it('may hold a date where a text is asked for', async () => {
    const body = arrow('stream', { job: columnFromArray([new Date(0), null, null], timestamp(1)) })
    expect((await post(body, STREAM)).statusCode).toBe(200)
  })
})

describe('what is refused', () => {
  it('has a status and a code that say why', async () => {
    const tooMany = await parquet('SELECT 1.5 AS age, 1 AS children, true AS owner FROM range(1001)')
    const bomb = await parquet(
      `SELECT 1.5 AS age, 1 AS children, true AS owner, repeat('x', 900000) AS job FROM range(1000)`,
    )
    const nested = await parquet('SELECT [1.5] AS age, 1 AS children, true AS owner')
    const cases: [string | Uint8Array, string, number, string][] = [
      ['PAR1 and more', PARQUET, 400, 'REQUEST_INVALID'],
      ['', PARQUET, 400, 'REQUEST_INVALID'],
      [(await parquet(CREDIT_SQL)).subarray(0, 300), PARQUET, 400, 'REQUEST_INVALID'],
      [tooMany, PARQUET, 413, 'REQUEST_TOO_LARGE'],
      [bomb, PARQUET, 413, 'REQUEST_TOO_LARGE'],
      [nested, PARQUET, 400, 'REQUEST_INVALID'],
      [await parquet('SELECT 1.5 AS age, 1 AS children, true AS owner LIMIT 0'), PARQUET, 400, 'REQUEST_INVALID'],
      ['ARROW1', FILE, 400, 'REQUEST_INVALID'],
      ['{"age": 1} {"age": 2}', 'application/jsonlines', 400, 'REQUEST_INVALID'],
      ['{"age": 1}, {"age": 2}', 'application/jsonlines', 400, 'REQUEST_INVALID'],
      ['<p>', 'text/html', 415, 'REQUEST_INVALID'],
    ]
    for (const [body, type, status, code] of cases) {
      const reply = await post(body, type)
      expect([String(body).slice(0, 20), reply.statusCode, reply.json().error.code]).toEqual([
        String(body).slice(0, 20),
        status,
        code,
      ])
      expect(reply.body).not.toContain(tmpdir())
    }
    expect((await post('{}', 'application/json', 'image/png')).statusCode).toBe(406)
  })

  it('is a text that a dictionary holds once and every row means', async () => {
    const long = 'x'.repeat(100_000)
    const rows = 100
    const body = tableToIPC(
      tableFromColumns({
        job: columnFromArray(new Array(rows).fill(long), dictionary(utf8(), int8())),
        children: columnFromArray(new Array(rows).fill(1), int8()),
        owner: columnFromArray(new Array(rows).fill(true), bool()),
      }),
      { format: 'stream' },
    )!
    expect(body.length).toBeLessThan(200_000)
    const reply = await post(body, STREAM)
    expect([reply.statusCode, reply.json().error.code]).toEqual([413, 'REQUEST_TOO_LARGE'])
  })

  it('is Parquet where there is nothing to read it with', async () => {
    const body = await parquet(CREDIT_SQL)
    vi.doMock('@duckdb/node-api', () => {
      throw new Error('Cannot find package')
    })
    const replies = [await post(body, PARQUET), await post(JSON.stringify(ROWS), 'application/json', PARQUET)]
    vi.doUnmock('@duckdb/node-api')
    for (const reply of replies) expect([reply.statusCode, reply.json().error.code]).toEqual([422, 'DATA_UNREADABLE'])
  })

  it('never breaks the server, whichever bytes of a Parquet file are changed', async () => {
    const file = await parquet(CREDIT_SQL)
    const change = fc.record({ at: fc.nat(file.length - 1), to: fc.nat(255) })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = file.slice()
        for (const { at, to } of changes) bytes[at] = to
        expect((await post(bytes, PARQUET)).statusCode).toBeLessThan(500)
      }),
      { numRuns: 60 },
    )
  }, 60_000)
})
