import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the shared tables, which lies beside the checkout or beside any folder above it. */
export function sharedTables(from = fileURLToPath(new URL('../..', import.meta.url))) {
  const candidate = join(from, '..', 'shared', 'data', 'tabular')
  if (existsSync(candidate)) return candidate
  return dirname(from) === from ? undefined : sharedTables(dirname(from))
}
