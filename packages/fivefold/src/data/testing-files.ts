import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder for the files of one test file, and how to remove it. */
export async function temporaryFolder(): Promise<{ path: (name: string) => string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'fivefold-test-'))
  return { path: (name) => join(folder, name), remove: () => rm(folder, { recursive: true, force: true }) }
}

/** The folder of published data sets beside the repository, where there is one. */
export function sharedDataFolder(): string | undefined {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const candidate = join(dirname(folder), 'shared', 'data')
    if (existsSync(candidate)) return candidate
    if (folder === dirname(folder)) return undefined
  }
}
