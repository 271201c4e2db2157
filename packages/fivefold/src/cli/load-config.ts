import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
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
    return await withinTime(jiti.import<ProjectConfig>(path, { default: true }))
  } catch (cause) {
    throw new FivefoldError(
      'CONFIG_UNREADABLE',
      `${path} does not load: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
}

/** Long enough for a config that asks a service; a promise that never settles is reported instead of waited for. */
const LOAD_TIMEOUT_MS = 60_000

async function withinTime<T>(loading: Promise<T>): Promise<T> {
  const giveUp = new AbortController()
  const timeout = setTimeout(LOAD_TIMEOUT_MS, undefined, { signal: giveUp.signal }).then(() => {
    throw new Error(`no answer within ${LOAD_TIMEOUT_MS / 1000} s`)
  })
  try {
    return await Promise.race([loading, timeout])
  } finally {
    giveUp.abort()
    timeout.catch(() => {})
  }
}

const ownEntry = (): string => fileURLToPath(new URL('../index.js', import.meta.url))
