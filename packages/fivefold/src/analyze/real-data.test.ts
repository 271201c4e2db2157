import { describe, expect, it } from 'vitest'
import { createContext } from '../core/index.ts'
import { openTable, type SourceOptions } from '../data/index.ts'
import { type Profile, type ProfileOptions, profileTable } from './index.ts'
import { realData } from './testing-tables.ts'

async function profileFile(
  path: string,
  options: ProfileOptions,
  source: Partial<SourceOptions> = {},
): Promise<Profile | undefined> {
  const location = realData(path)
  if (!location) return undefined
  await using table = await openTable({ location, ...source })
  return await profileTable(table, options, createContext({ seed: 7 }))
}

describe('real data', () => {
  it('knows that the length of a call is not known before the call', async () => {
    const profile = await profileFile('tabular/bank-marketing/bank-full.csv', { target: 'y' })
    if (!profile) return
    expect(profile.leakage).toMatchObject([{ columns: ['duration'], kind: 'afterTheFact', severity: 'bad' }])
    expect(profile.issues.find(({ kind }) => kind === 'targetDrift')).toBeDefined()
  })

  it('sees that casual and registered riders sum to all riders', async () => {
    const profile = await profileFile('tabular/bike-sharing/day.csv', { target: 'cnt', time: 'dteday' })
    if (!profile) return
    expect(profile.leakage[0]).toMatchObject({ kind: 'identity', severity: 'bad' })
    expect(profile.leakage[0]!.columns.toSorted()).toEqual(['casual', 'registered'])
  })

  it('masks the passengers of the Titanic and flags no honest column', async () => {
    const profile = await profileFile('tabular/titanic/titanic.csv', { target: 'survived', protect: ['sex'] })
    if (!profile) return
    expect(profile.personalData.map(({ column, kind }) => [column, kind])).toEqual([['name', 'person name']])
    expect(profile.leakage).toEqual([])
    expect(JSON.stringify(profile)).not.toContain('Braund')
    expect(profile.groups[0]!.rateRatio).toBeCloseTo(109 / 577 / (233 / 314), 6)
  })
})
