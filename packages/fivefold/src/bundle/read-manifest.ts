import { z } from 'zod'
import { FivefoldError } from '../core/index.ts'
import { type BundleManifest, bundleManifestSchema, FORMAT_VERSION } from './manifest.ts'

type JsonObject = Record<string, unknown>

/** Steps from a format version to the next one. Empty while there is only the first. */
const MIGRATIONS: ReadonlyMap<number, (manifest: JsonObject) => JsonObject> = new Map()

/** Reads `fivefold.json`. Throws BUNDLE_INVALID, or BUNDLE_VERSION for a format that this release does not know. */
export function parseManifest(json: unknown): BundleManifest {
  const parsed = bundleManifestSchema.safeParse(migrate(json))
  if (parsed.success) return parsed.data
  throw new FivefoldError('BUNDLE_INVALID', `fivefold.json: ${z.prettifyError(parsed.error)}`, {
    issues: parsed.error.issues.map((issue) => ({
      path: issue.path.map((key) => (typeof key === 'number' ? key : String(key))),
      message: issue.message,
    })),
  })
}

function migrate(json: unknown): JsonObject {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new FivefoldError('BUNDLE_INVALID', 'fivefold.json holds no object')
  let manifest = json as JsonObject
  for (let version = formatVersionOf(manifest); version < FORMAT_VERSION; version++) {
    const step = MIGRATIONS.get(version)
    if (!step) throw unknownVersion(version)
    manifest = step(manifest)
  }
  return manifest
}

function formatVersionOf({ formatVersion }: JsonObject): number {
  if (typeof formatVersion !== 'number')
    throw new FivefoldError('BUNDLE_INVALID', 'fivefold.json names no formatVersion')
  if (!Number.isInteger(formatVersion) || formatVersion < 1 || formatVersion > FORMAT_VERSION)
    throw unknownVersion(formatVersion)
  return formatVersion
}

const unknownVersion = (version: number): FivefoldError =>
  new FivefoldError(
    'BUNDLE_VERSION',
    `the bundle has format version ${version}; this release reads 1 to ${FORMAT_VERSION}`,
  )
