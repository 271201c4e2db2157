import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'
import { FivefoldError } from '../core/index.ts'
import type { ProjectConfig } from '../workflow/index.ts'

/** The default export of a TypeScript or JavaScript config. `fivefold` resolves to this very installation. */
export async function loadConfig(file: string): Promise<ProjectConfig> {
  const path = resolve(file)
  await access(path).catch((cause: unknown) => {
    throw new FivefoldError('CONFIG_UNREADABLE', `no config at ${path}`, {
      cause,
      remedy: 'Make one with fivefold init, or name data and target: fivefold run --data FILE --target COLUMN.',
    })
  })
  const jiti = createJiti(import.meta.url, { moduleCache: false, alias: { fivefold: ownEntry() } })
  try {
    return await jiti.import<ProjectConfig>(path, { default: true })
  } catch (cause) {
    throw new FivefoldError(
      'CONFIG_UNREADABLE',
      `${path} does not load: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
}

const ownEntry = (): string => fileURLToPath(new URL('../index.js', import.meta.url))
