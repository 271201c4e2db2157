import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writeFileAtomic, writeFolderAtomic } from './index.ts'

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
})
