import { statSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Frame, openTable, type SourceOptions, selectColumns, takeRows } from '../index.ts'
import { temporaryFolder } from '../testing-files.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeAll(async () => {
  folder = await temporaryFolder()
})
afterAll(() => folder.remove())

const ROWS = 60_000
const LARGE = 4 << 20

type Cell = string | number

function row(at: number): Record<string, Cell> {
  return {
    id: at * 3,
    amount: (at % 977) / 8 + 0.125,
    padded: ` ${at % 50}`,
    gaps: at % 7 === 0 ? 'NA' : at % 40,
    when: new Date(Date.UTC(2024, 0, 1) + at * 60_000).toISOString().slice(0, 19),
    flag: at % 3 === 0 ? 'true' : 'False',
    word: `Köln ${at % 12}`,
    code: String(at % 1000).padStart(4, '0'),
    filler: 'a text that only makes the file long enough',
  }
}

/** The same content as text, which is read in one pass, and compressed to less than a large file, which is not. */
async function bothWays(name: string, change: (cells: Record<string, Cell>, at: number) => void, options = {}) {
  const rows = Array.from({ length: ROWS }, (_, at) => {
    const cells = row(at)
    change(cells, at)
    return Object.values(cells).join(',')
  })
  const text = `${Object.keys(row(0)).join(',')}\n${rows.join('\n')}\n`
  writeFileSync(folder.path(`${name}.csv`), text)
  writeFileSync(folder.path(`${name}.csv.gz`), gzipSync(text))
  expect(statSync(folder.path(`${name}.csv`)).size).toBeGreaterThan(LARGE)
  expect(statSync(folder.path(`${name}.csv.gz`)).size).toBeLessThan(LARGE)
  return {
    onePass: await facts({ location: folder.path(`${name}.csv`), ...options }),
    general: await facts({ location: folder.path(`${name}.csv.gz`), ...options }),
  }
}

async function facts(source: SourceOptions) {
  await using table = await openTable(source)
  return { schema: table.schema, rows: table.rowCount, hash: await table.contentHash() }
}

const typeOf = ({ schema }: Awaited<ReturnType<typeof facts>>, name: string): string | undefined =>
  schema.columns.find((column) => column.name === name)?.type

describe('a large text file', () => {
  it('reads as it would by looking at every value first', async () => {
    const { onePass, general } = await bothWays('plain', () => {})
    expect(onePass).toEqual(general)
    expect(onePass.schema.columns.map(({ type }) => type)).toEqual([
      'identifier',
      'number',
      'integer',
      'integer',
      'datetime',
      'boolean',
      'category',
      'category',
      'constant',
    ])
  })

  it('changes its mind over columns that turn out otherwise far down', async () => {
    const late = ROWS - 10
    const { onePass, general } = await bothWays('surprises', (cells, at) => {
      if (at === late) Object.assign(cells, { padded: '1.5', gaps: '  N/A ', amount: 'oops', when: '24 May 2024' })
    })
    expect(onePass).toEqual(general)
    expect(typeOf(onePass, 'padded')).toBe('number')
    expect(onePass.schema.columns[1]!.evidence).toContain("'oops' count as missing")
  })

  it('gives up guessing where many columns break their promise', async () => {
    const { onePass, general } = await bothWays('many', (cells, at) => {
      if (at > ROWS - 1000) for (const name of ['id', 'amount', 'padded', 'when', 'flag']) cells[name] = `x${at}`
    })
    expect(onePass).toEqual(general)
    expect(typeOf(onePass, 'id')).not.toBe('integer')
  })

  it('honours declared types and marks of missing values that look like values', async () => {
    const options = { types: { padded: 'category', id: 'number' }, missing: ['3', 'False', 'NA'] } as const
    const { onePass, general } = await bothWays('declared', () => {}, options)
    expect(onePass).toEqual(general)
    expect(typeOf(onePass, 'padded')).toBe('category')
  })

  it('reads other data by the schema of the first', async () => {
    const { onePass } = await bothWays('first', () => {})
    const again = await bothWays('second', (cells, at) => at === 5 && Object.assign(cells, { amount: 'NA' }), {
      schema: onePass.schema,
    })
    expect(again.onePass).toEqual(again.general)
    expect(again.onePass.schema.columns[1]).toMatchObject({ type: 'number', nullable: true })
  })

  it('says which line is broken', async () => {
    const text = Array.from({ length: 200_000 }, (_, at) => (at === 150_000 ? '1,2,3' : `${at},${'x'.repeat(20)}`))
    writeFileSync(folder.path('broken.csv'), `a,b\n${text.join('\n')}\n`)
    await expect(openTable(folder.path('broken.csv'))).rejects.toMatchObject({
      code: 'DATA_UNREADABLE',
      message: expect.stringMatching(/line 150002: expected 2 values, found 3/),
    })
  })
})

describe('rows far apart in a large table', () => {
  it('are those that reading everything gives', async () => {
    const text = Array.from(
      { length: 300_000 },
      (_, at) => `${at},k${at % 90_001},${at % 7 ? at / 8 : 'NA'},w${at % 5}`,
    )
    writeFileSync(folder.path('far.csv'), `n,key,x,word\n${text.join('\n')}\n`)
    await using table = await openTable(folder.path('far.csv'))
    const all = await table.read()
    for (const step of [13, 301, 29_000]) {
      const rows = Uint32Array.from({ length: Math.floor(299_000 / step) }, (_, at) => 900 + at * step)
      const read = await table.read(['word', 'x', 'n', 'key'], rows)
      expect(textsAndNumbers(read)).toEqual(
        textsAndNumbers(takeRows(selectColumns(all, ['word', 'x', 'n', 'key']), rows)),
      )
    }
  })
})

function textsAndNumbers(frame: Frame) {
  return [...frame.columns].map(([name, column]) => [
    name,
    column.kind === 'number' ? [...column.values] : [...column.codes].map((code) => column.dictionary[code]),
  ])
}
