import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'vitest'
import { CONTENT_STORE_CONTRACT } from '../content-store.contract.ts'
import { createDiskContent } from './disk-content.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-content-'))
  await mkdir(join(folder, 'work'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('content on disk', () => {
  it.each(CONTENT_STORE_CONTRACT)('$name', ({ run }) =>
    run(createDiskContent(join(folder, 'store')), join(folder, 'work')),
  )
})
