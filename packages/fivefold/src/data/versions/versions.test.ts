import { readdirSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { diffVersions, listVersions, openTable, resolveVersion, snapshotTable } from '../index.ts'
import { temporaryFolder } from '../testing-files.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeAll(async () => {
  folder = await temporaryFolder()
})
afterAll(() => folder.remove())

async function snapshot(name: string, text: string) {
  writeFileSync(folder.path(name), text)
  await using table = await openTable(folder.path(name))
  return await snapshotTable(table, folder.path('store'))
}

describe('data versions', () => {
  it('keeps a table under its hash, once, and gives back the same content', async () => {
    expect(await listVersions(folder.path('store'))).toEqual([])
    const text = 'n,x,b,t,d\n1,0.5,true,a,31/12/2011\n,,false,,01/01/2012\n3,inf,true,b,\n'
    const version = await snapshot('first.csv', text)
    expect(await snapshot('again.csv', text)).toEqual(version)
    expect((await listVersions(folder.path('store'))).map(({ hash }) => hash)).toEqual([version.hash])
    await using reopened = await openTable({ location: version.path, schema: version.schema })
    expect(await reopened.contentHash()).toBe(version.hash)
    expect(await resolveVersion(folder.path('store'), version.hash.slice(0, 15))).toEqual(version)
    await expect(resolveVersion(folder.path('store'), 'ffff')).rejects.toMatchObject({ code: 'DATA_VERSION_UNKNOWN' })
    await expect(resolveVersion(folder.path('store'), '')).rejects.toMatchObject({ code: 'DATA_VERSION_UNKNOWN' })
    expect(readdirSync(folder.path('store'))).toHaveLength(1)
  })

  it('says what changed', async () => {
    const before = await snapshot('before.csv', 'x,c,gone,same\n1,a,1,1\n2,a,1,2\n3,b,2,3\n4,b,2,3\n')
    const after = await snapshot('after.csv', 'x,c,new,same\n3,a,z,1\n4,b,z,2\n5,b,y,three\n6,,y,four\n3,b,y,5\n')
    expect(await diffVersions(before, after)).toEqual({
      from: before.hash,
      to: after.hash,
      rows: [4, 5],
      addedColumns: ['new'],
      removedColumns: ['gone'],
      retypedColumns: [{ name: 'same', from: 'integer', to: 'category' }],
      columns: [
        { name: 'x', missing: [0, 0], mean: [2.5, 4.2], distinct: [4, 4], distance: 0.5 },
        { name: 'c', missing: [0, expect.closeTo(0.2)], distinct: [2, 2], distance: 0.25 },
      ],
      // Of (3,a) (4,b) (5,b) (6,-) (3,b) the version before had (4,b) and (3,b).
      addedRows: 3,
      removedRows: 2,
    })
    const same = await diffVersions(after, after)
    expect(same).toMatchObject({
      addedRows: 0,
      removedRows: 0,
      columns: [{ distance: 0 }, { distance: 0 }, { distance: 0 }, { distance: 0 }],
    })
  })
})
