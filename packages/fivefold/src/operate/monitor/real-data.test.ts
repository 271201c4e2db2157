import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createContext, createRng } from '../../core/index.ts'
import { type Frame, openTable, type Schema, takeRows } from '../../data/index.ts'
import { detectDrift } from './index.ts'

const tables = sharedTables()
if (tables === undefined) {
  if (process.env.CI === 'true') throw new Error('../shared/data is missing: drift on real tables cannot be tested')
  console.warn('skipped: drift on real tables, since ../shared/data is missing')
}

function sharedTables(): string | undefined {
  for (let folder = process.cwd(); folder !== dirname(folder); folder = dirname(folder)) {
    const found = join(folder, '..', 'shared', 'data', 'tabular')
    if (existsSync(found)) return found
  }
  return undefined
}

async function load(path: string, columns?: string): Promise<{ frame: Frame; schema: Schema }> {
  const source = { location: join(tables!, path), ...(columns ? { columns: columns.split(' ') } : {}) }
  await using table = await openTable(source, createContext())
  return { frame: await table.read(), schema: table.schema }
}

const ADULT =
  'age workclass fnlwgt education education_num marital_status occupation relationship race sex capital_gain capital_loss hours_per_week native_country income'

function halves(frame: Frame, order: Uint32Array): { reference: Frame; current: Frame } {
  const middle = order.length >> 1
  return { reference: takeRows(frame, order.slice(0, middle)), current: takeRows(frame, order.slice(middle)) }
}

const ascending = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => i)
const shuffled = (count: number, seed: number): Uint32Array => createRng(seed, 'halves').shuffle(ascending(count))

describe.skipIf(tables === undefined)('real tables', () => {
  it('electricity prices changed between the first and the second half, beyond their own coming and going', async () => {
    const { frame, schema } = await load('electricity-elec2/elec.csv')
    const inputs = { columns: schema.columns.filter(({ name }) => name !== 'class') }
    const sides = halves(frame, ascending(frame.rowCount))
    for (const referenceOrder of ['none', 'time'] as const) {
      const report = await detectDrift({ ...sides, schema: inputs, referenceOrder, context: createContext() })
      const alarms = report.columns.filter(({ alarm }) => alarm).map(({ column }) => column)
      expect(alarms).toEqual(expect.arrayContaining(['nswprice', 'vicprice', 'vicdemand', 'transfer']))
      expect(alarms).not.toContain('period')
    }
  })

  it.each([
    ['electricity', 'electricity-elec2/elec.csv', undefined],
    ['adult', 'adult/adult-train.csv', ADULT],
  ])('random halves of %s do not differ', async (_, path, columns) => {
    const { frame, schema } = await load(path, columns)
    let alarms = 0
    for (let seed = 0; seed < 3; seed++) {
      const sides = halves(frame, shuffled(frame.rowCount, seed))
      if ((await detectDrift({ ...sides, schema, context: createContext({ seed }) })).drift) alarms++
    }
    // Three reports at 5%: more than one alarm has a chance of 0.7%.
    expect(alarms).toBeLessThanOrEqual(1)
  })

  it('the official test rows of adult are like its training rows', async () => {
    const [train, test] = [await load('adult/adult-train.csv', ADULT), await load('adult/adult-test.csv', ADULT)]
    const schema = { columns: train.schema.columns.filter(({ name }) => name !== 'income') }
    const report = await detectDrift({ reference: train.frame, current: test.frame, schema, context: createContext() })
    expect(report.drift).toBe(false)
  })
})
