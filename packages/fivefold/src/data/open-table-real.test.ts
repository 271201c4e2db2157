import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openTable, type SourceOptions } from './index.ts'
import { sharedDataFolder } from './testing-files.ts'

const shared = sharedDataFolder()
const mayRun = shared !== undefined || process.env.CI === 'true'
if (!mayRun) console.warn('published tables are skipped: there is no folder shared/data beside the repository')

const tabular = (path: string): string => join(shared ?? 'shared/data', 'tabular', path)
const ADULT_COLUMNS =
  'age workclass fnlwgt education education_num marital_status occupation relationship race sex capital_gain capital_loss hours_per_week native_country income'.split(
    ' ',
  )

async function typesOf(source: string | SourceOptions) {
  await using table = await openTable(source)
  const columnsOf = (type: string): string[] =>
    table.schema.columns.filter((column) => column.type === type).map(({ name }) => name)
  return {
    rowCount: table.rowCount,
    columnsOf,
    nullable: table.schema.columns.filter((column) => column.nullable).map(({ name }) => name),
  }
}

describe.skipIf(!mayRun)('published tables', () => {
  it('adult: no header, ", " between values, "?" for missing', async () => {
    const { rowCount, columnsOf, nullable } = await typesOf({
      location: tabular('adult/adult-train.csv'),
      columns: ADULT_COLUMNS,
    })
    expect(rowCount).toBe(32561)
    expect(columnsOf('integer')).toEqual([
      'age',
      'fnlwgt',
      'education_num',
      'capital_gain',
      'capital_loss',
      'hours_per_week',
    ])
    expect(columnsOf('category')).toHaveLength(9)
    expect(nullable).toEqual(['workclass', 'occupation', 'native_country'])
  })

  it('telco: blanks in a column of numbers, customers as identifiers', async () => {
    const { rowCount, columnsOf, nullable } = await typesOf(tabular('telco-churn/Telco-Customer-Churn.csv'))
    expect(rowCount).toBe(7043)
    expect(columnsOf('identifier')).toEqual(['customerID'])
    expect(columnsOf('number')).toEqual(['MonthlyCharges', 'TotalCharges'])
    expect(nullable).toEqual(['TotalCharges'])
  })

  it('bike sharing: dates, and a row number that is no feature', async () => {
    const { columnsOf } = await typesOf(tabular('bike-sharing/hour.csv'))
    expect(columnsOf('identifier')).toEqual(['instant'])
    expect(columnsOf('datetime')).toEqual(['dteday'])
    expect(columnsOf('integer')).toContain('season')
  })

  it('credit, california, hotel rates, titanic, bank', async () => {
    const credit = await typesOf(tabular('credit-data/credit_data.csv'))
    expect([credit.rowCount, credit.columnsOf('identifier')]).toEqual([4454, ['rownames']])
    const california = await typesOf(tabular('california-housing/housing.csv'))
    expect(california.columnsOf('number')).toHaveLength(9)
    expect(california.nullable).toEqual(['total_bedrooms'])
    const hotel = await typesOf(tabular('hotel-rates/hotel_rates.csv'))
    expect([hotel.columnsOf('identifier'), hotel.columnsOf('datetime')]).toEqual([['rownames'], ['arrival_date']])
    const titanic = await typesOf(tabular('titanic/titanic.csv'))
    expect(titanic.columnsOf('text')).toEqual(['name'])
    expect((await typesOf(tabular('bank-marketing/bank-full.csv'))).columnsOf('identifier')).toEqual([])
  })
})
