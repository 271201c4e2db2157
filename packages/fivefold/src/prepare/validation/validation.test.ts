import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openTable } from '../../data/index.ts'
import {
  inferValidationSchema,
  parseValidationSchema,
  requireValid,
  type ValidationSchema,
  validateTable,
} from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'fivefold-test-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

function open(name: string, text: string) {
  writeFileSync(join(folder, name), text)
  return openTable(join(folder, name))
}

const GOOD = `id,age,city,since,active\n${Array.from({ length: 40 }, (_, at) => `k${at},${20 + (at % 37)},${at % 2 ? 'Bonn' : 'Köln'},2020-01-${String((at % 28) + 1).padStart(2, '0')},${at % 2 === 0}`).join('\n')}\n`

/** Decimal commas and dates with dots, as German spreadsheets write them. */
const PRICES = (more: string): string =>
  `price,paid\n${Array.from({ length: 200 }, (_, at) => `"${at},5",${String((at % 28) + 1).padStart(2, '0')}.03.2024`).join('\n')}\n${more}`

describe('validation', () => {
  it('infers rules that the table keeps', async () => {
    await using table = await open('good.csv', GOOD)
    const schema = await inferValidationSchema(table)
    expect(schema.columns).toMatchObject([
      { name: 'id', type: 'identifier', unique: true, maxMissingRate: 0 },
      { name: 'age', type: 'integer', min: 16, max: 60 },
      { name: 'city', categories: ['Bonn', 'Köln'] },
      { name: 'since', min: '2020-01-01T00:00:00.000Z' },
      { name: 'active', type: 'boolean' },
    ])
    expect(parseValidationSchema(JSON.parse(JSON.stringify(schema)))).toEqual(schema)
    expect(await validateTable(table, schema)).toEqual({
      isValid: true,
      rowCount: 40,
      rejectedRows: 0,
      violations: [],
      unknownColumns: [],
    })
  })

  it('sets bad rows aside with their reasons', async () => {
    await using good = await open('good.csv', GOOD)
    const schema = await inferValidationSchema(good)
    await using bad = await open(
      'bad.csv',
      'id,age,city,since,active,extra\na,30,Bonn,2021-05-01,true,1\na,30,Rom,2019-05-01,false,2\nb,old,Bonn,yesterday,true,3\n,300,Köln,2021-05-01,maybe,4\nc,31.5,Köln,2021-05-02,true,5\n',
    )
    const rejectsPath = join(folder, 'out', 'rejects.csv')
    const report = await validateTable(bad, schema, { rejectsPath })
    expect(report).toMatchObject({
      isValid: false,
      rowCount: 5,
      rejectedRows: 4,
      unknownColumns: ['extra'],
      rejectsPath,
    })
    expect(report.violations.map(({ column, rule, rows, firstRow }) => [column, rule, rows, firstRow])).toEqual([
      ['id', 'missing', 1, 3],
      ['id', 'unique', 1, 1],
      ['age', 'type', 2, 2],
      ['age', 'max', 1, 3],
      ['city', 'categories', 1, 1],
      ['since', 'type', 1, 2],
      ['since', 'min', 1, 1],
      ['active', 'type', 1, 3],
    ])
    const lines = readFileSync(rejectsPath, 'utf8').trim().split('\n')
    expect(lines[0]).toBe('__row,id,age,city,since,active,extra,__reason')
    expect(lines.map((line) => line[0])).toEqual(['_', '1', '2', '3', '4'])
    expect(lines[1]).toMatch(
      /id: repeats an earlier row; city: not an allowed category; since: below 2020-01-01T00:00:00.000Z/,
    )
    expect(() => requireValid(report)).toThrow(expect.objectContaining({ code: 'DATA_SCHEMA_VIOLATION' }))
  })

  it('keeps text among numbers as it was written', async () => {
    await using good = await open('prices.csv', PRICES(''))
    const schema = await inferValidationSchema(good)
    expect(schema.columns).toMatchObject([
      { name: 'price', type: 'number' },
      { name: 'paid', type: 'datetime' },
    ])
    writeFileSync(join(folder, 'wrong.csv'), PRICES('"free",31.02.2024\n'))
    await using wrong = await openTable({ location: join(folder, 'wrong.csv'), asText: true })
    const rejectsPath = join(folder, 'out', 'wrong.csv')
    const { violations } = await validateTable(wrong, schema, { rejectsPath })
    expect(violations.map(({ column, rule, firstRow, firstValue }) => [column, rule, firstRow, firstValue])).toEqual([
      ['price', 'type', 200, 'free'],
      ['paid', 'type', 200, '31.02.2024'],
    ])
    expect(violations[0]!.message).toBe("price: not of type number in 1 row, first in row 200: 'free'")
    await using some = await openTable({
      location: join(folder, 'wrong.csv'),
      asText: true,
      where: 'price IS NULL OR price > 190',
    })
    expect(await validateTable(some, schema)).toMatchObject({
      rowCount: 11,
      violations: [{ firstValue: 'free' }, { firstValue: '31.02.2024' }],
    })
    expect(readFileSync(rejectsPath, 'utf8')).toMatch(/^200,free,31.02.2024,"?price: not of type number; paid/m)
  })

  it('leaves room for new numbers only where there is some', async () => {
    const rows = Array.from({ length: 50 }, (_, at) => `${at % 2},${(at % 11) / 10},${-1 - (at % 40)},${at % 41}`)
    await using table = await open('bounds.csv', `flag,share,debt,count\n${rows.join('\n')}\n`)
    const { columns } = await inferValidationSchema(table)
    expect(columns).toMatchObject([
      { name: 'flag', min: 0, max: 1 },
      { name: 'share', min: 0, max: 1 },
      { name: 'debt', min: -44, max: 0 },
      { name: 'count', min: 0, max: 44 },
    ])
  })

  it('checks rules of the whole table', async () => {
    await using table = await open('whole.csv', 'a,b\n1,\n2,\n3,x\n')
    const rules = { type: 'category' as const, required: true, maxMissingRate: 0.5, unique: false }
    const schema: ValidationSchema = {
      format: 1,
      minRows: 10,
      columns: [
        { ...rules, name: 'b' },
        { ...rules, name: `c'"` },
        { ...rules, name: 'd', required: false },
      ],
    }
    const report = await validateTable(table, schema)
    expect(report.violations.map(({ rule }) => rule)).toEqual(['minRows', 'required', 'maxMissingRate'])
    expect(report.rejectedRows).toBe(0)
  })

  it('names wrong keys of an edited schema', () => {
    const wrong = {
      format: 1,
      minRows: 1,
      columns: [{ name: 'a', type: 'nummer', required: true, maxMissingRate: 2, unique: false, mni: 3 }],
    }
    expect(() => parseValidationSchema(wrong)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })
})
