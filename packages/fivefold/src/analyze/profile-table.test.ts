import { parseHTML } from 'linkedom'
import { describe, expect, it } from 'vitest'
import { createContext, createRng } from '../core/index.ts'
import {
  inferProblem,
  type Profile,
  type ProfileOptions,
  profileNotebook,
  profileTable,
  renderProfileHtml,
} from './index.ts'
import { withTable } from './testing-tables.ts'

const rng = createRng(5)
const N = 1200
const rows = Array.from({ length: N }, (_, i) => i)
const signal = rows.map(() => rng.normal())
const target = signal.map((value) => (value + rng.normal() > 0.8 ? 'yes' : 'no'))
const columns = {
  signal: signal.map((value) => Number(value.toFixed(4))),
  noise: rows.map(() => Number(rng.normal().toFixed(4))),
  twin: signal.map((value) => Number((value * 2 + 1).toFixed(4))),
  copy: signal.map((value) => Number(value.toFixed(4))),
  leak: target.map((value) => (value === 'yes' ? rng.int(100) + 95 : rng.int(100))),
  drifting: rows.map((i) => Number((rng.normal() + (i / N) * 3).toFixed(4))),
  gappy: target.map((value) => (rng.next() < (value === 'yes' ? 0.5 : 0.1) ? null : rng.int(10))),
  also_gappy: rows.map(() => null as number | null),
  group: rows.map(() => (rng.next() < 0.04 ? 'small' : rng.next() < 0.5 ? 'a' : 'b')),
  constant: rows.map(() => 7),
  mail: rows.map((i) => `person${i}@example.org`),
  '<script>alert("x")</script>': rows.map(() => '<img src=x onerror=alert(1)>'.slice(0, 20 + rng.int(3))),
  y: target,
}
columns.also_gappy = columns.gappy.map((value) => (value === null ? null : 1 + rng.int(5)))
const options: ProfileOptions = { target: 'y', protect: ['group'] }
const profileOf = (
  from: Record<string, readonly (string | number | null)[]>,
  asked: ProfileOptions = options,
  seed = 3,
): Promise<Profile> => withTable(from, (table) => profileTable(table, asked, createContext({ seed })))
const found = (profile: Profile, kind: string) =>
  profile.issues.filter((issue) => issue.kind === kind).flatMap((issue) => issue.columns)

describe('profileTable', async () => {
  const profile = await profileOf(columns)

  it('is JSON, and the same for the same seed', async () => {
    expect(JSON.parse(JSON.stringify(profile))).toEqual(profile)
    const again = await profileOf(columns)
    expect({ ...again, location: '' }).toEqual({ ...profile, location: '' })
  })

  it('finds what was put in', () => {
    expect(found(profile, 'duplicateColumns')).toEqual(['signal', 'copy'])
    expect(found(profile, 'collinear')).toEqual(expect.arrayContaining(['signal', 'twin']))
    expect(found(profile, 'leakage')).toEqual(['leak'])
    expect(found(profile, 'drift')).toEqual(['drifting'])
    expect(found(profile, 'missingTells')).toEqual(expect.arrayContaining(['gappy', 'also_gappy']))
    expect(found(profile, 'constant')).toEqual(['constant'])
    expect(found(profile, 'smallGroup')).toEqual(['group'])
    expect(found(profile, 'personalData')).toEqual(['mail'])
    expect(profile.missingness.together[0]).toMatchObject({ a: 'gappy', b: 'also_gappy', phi: 1 })
    expect(profile.missingness.patterns[0]?.columns).toEqual(['gappy', 'also_gappy'])
  })

  it('finds nothing in noise', () => {
    const noise = profile.associations.withTarget.find(({ column }) => column === 'noise')!
    expect(Math.abs(noise.power! - 0.5)).toBeLessThan(0.06)
    expect(noise.mutualInformation).toBeLessThan(0.01)
    expect(profile.drift.columns.find(({ column }) => column === 'noise')?.drifted).toBe(false)
  })

  it('counts groups and classes over all rows, with intervals', () => {
    const [group] = profile.groups
    expect(group!.groups.reduce((sum, { rows }) => sum + rows, 0)).toBe(N)
    for (const { share, rate } of group!.groups) {
      expect(share.low).toBeLessThan(share.value)
      expect(rate!.high).toBeGreaterThan(rate!.value)
    }
    const counts = profile.targetProfile?.kind === 'classes' ? profile.targetProfile.classes : []
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(N)
  })

  it('shows no personal value and no markup of the data', async () => {
    const problem = await withTable(columns, (table) => inferProblem(table, { target: 'y' }))
    const html = renderProfileHtml(profile, problem)
    const notebook = profileNotebook(profile, problem)
    for (const text of [html, notebook, JSON.stringify(profile)]) expect(text).not.toContain('@example.org')
    const { document } = parseHTML(html)
    expect(document.querySelectorAll('script').length).toBe(1)
    expect(document.querySelectorAll('img').length).toBe(0)
    expect(document.querySelectorAll('.card').length).toBe(Object.keys(columns).length)
    expect(JSON.parse(notebook)).toMatchObject({ nbformat: 4, nbformat_minor: 5 })
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('finds parts that make up the target', async () => {
    const parts = {
      first: rows.map(() => rng.int(1000)),
      second: rows.map(() => rng.int(50)),
      other: rows.map(() => rng.int(90)),
    }
    const total = rows.map((i) => parts.first[i]! - 2 * parts.second[i]!)
    const { leakage } = await profileOf({ ...parts, total }, { target: 'total' })
    expect(leakage[0]).toMatchObject({ kind: 'identity', columns: ['first', 'second'] })
    expect(leakage[0]!.evidence).toContain('total = first − 2 × second')
    expect(
      (await profileOf({ ...parts, total: parts.first.map((value) => value + rng.int(1500)) }, { target: 'total' }))
        .leakage,
    ).toEqual([])
  })

  it('orders by the time column', async () => {
    const days = rows.map((i) => new Date(Date.UTC(2020, 0, 1 + ((i * 7) % N))).toISOString().slice(0, 10))
    const value = rows.map((i) => ((i * 7) % N) / 100 + rng.normal())
    const { drift } = await profileOf({ days, value, y: target }, { target: 'y', time: 'days' })
    expect(drift).toMatchObject({
      order: 'column days',
      columns: [
        { column: 'value', drifted: true },
        { column: 'y', drifted: false },
      ],
    })
    expect(drift.targetOverTime[0]!.at).toBeGreaterThan(Date.UTC(2020, 0, 1))
  })

  it('makes do with little', async () => {
    for (const small of [{ x: [1] }, { x: [1, 2], y: ['a', 'a'] }, { x: [null, null, 3], y: ['a', 'b', null] }]) {
      const asked = 'y' in small ? { target: 'y', protect: ['x'] } : {}
      expect(renderProfileHtml(await profileOf(small, asked))).toContain('<h1>')
    }
  })

  it('refuses unknown columns and stops when told', async () => {
    await expect(profileOf({ x: [1, 2] }, { target: 'z' })).rejects.toMatchObject({ code: 'DATA_COLUMN_UNKNOWN' })
    const stopped = withTable(columns, (table) =>
      profileTable(table, options, createContext({ signal: AbortSignal.abort() })),
    )
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})
