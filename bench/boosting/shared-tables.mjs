import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the shared tables, or undefined. */
export const sharedTables = () => sharedData('tabular')

/** A folder of the shared data, which lie beside the checkout or beside any folder above it. */
export function sharedData(name, from = fileURLToPath(new URL('../..', import.meta.url))) {
  const candidate = join(from, '..', 'shared', 'data', name)
  if (existsSync(candidate)) return candidate
  return dirname(from) === from ? undefined : sharedData(name, dirname(from))
}
