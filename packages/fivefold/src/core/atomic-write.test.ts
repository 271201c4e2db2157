import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { OWNER_TAG, recoverFolder, writeFileAtomic, writeFolderAtomic } from './index.ts'

const emptyFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'fivefold-atomic-'))

describe('writeFileAtomic', () => {
  it('replaces a file and leaves nothing beside it', async () => {
    const folder = await emptyFolder()
    await writeFileAtomic(join(folder, 'deep', 'a.txt'), 'one')
    await writeFileAtomic(join(folder, 'deep', 'a.txt'), 'two')
    expect(await readFile(join(folder, 'deep', 'a.txt'), 'utf8')).toBe('two')
    expect(await readdir(join(folder, 'deep'))).toEqual(['a.txt'])
  })
})

describe('writeFolderAtomic', () => {
  it('keeps the old folder where filling the new one fails', async () => {
    const folder = await emptyFolder()
    const path = join(folder, 'model')
    await writeFolderAtomic(path, (temporary) => writeFile(join(temporary, 'a'), 'old'))
    const failing = writeFolderAtomic(path, async (temporary) => {
      await writeFile(join(temporary, 'a'), 'new')
      throw new Error('disk full')
    })
    await expect(failing).rejects.toThrow('disk full')
    expect(await readFile(join(path, 'a'), 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['model'])
  })

  it('replaces a whole folder, so that no file of the old one stays', async () => {
    const folder = await emptyFolder()
    const path = join(folder, 'model')
    await writeFolderAtomic(path, (temporary) => writeFile(join(temporary, 'a'), ''))
    await writeFolderAtomic(path, (temporary) => writeFile(join(temporary, 'b'), ''))
    expect(await readdir(path)).toEqual(['b'])
  })

  it('brings back the earlier folder where a process died between the two renames', async () => {
    const folder = await emptyFolder()
    const path = join(folder, 'model')
    await mkdir(join(folder, '.model.previous'))
    await writeFile(join(folder, '.model.previous', 'a'), 'old')
    await recoverFolder(path)
    expect(await readFile(join(path, 'a'), 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['model'])
    await recoverFolder(path)
    await recoverFolder(join(folder, 'absent'))
    expect(await readdir(folder)).toEqual(['model'])
  })

  it('removes what killed writers left half-filled, and leaves what living ones are filling', async () => {
    const folder = await emptyFolder()
    const place = OWNER_TAG.split('-')[2]
    const abandoned = `.model.4194305-1-${place}.0123456789ab.tmp`
    const alive = `.model.${OWNER_TAG}.0123456789ab.tmp`
    for (const name of [abandoned, alive, '.other.tmp']) await mkdir(join(folder, name))
    await writeFolderAtomic(join(folder, 'model'), (temporary) => writeFile(join(temporary, 'a'), ''))
    expect((await readdir(folder)).sort()).toEqual([alive, '.other.tmp', 'model'].sort())
  })

  it('lets rival writers finish, the folder being whole whenever it is there', async () => {
    const folder = await emptyFolder()
    const path = join(folder, 'model')
    const write = (text: string) =>
      writeFolderAtomic(path, async (temporary) => {
        for (const name of ['a', 'b']) await writeFile(join(temporary, name), text)
      })
    await Promise.all(Array.from({ length: 12 }, (_, writer) => write(String(writer))))
    expect(await readFile(join(path, 'a'), 'utf8')).toBe(await readFile(join(path, 'b'), 'utf8'))
    expect(await readdir(folder)).toEqual(['model'])
  })
})
