import { createHash } from 'node:crypto'
import type { BundleManifest } from './manifest.ts'

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/**
 * 32 hexadecimal digits over everything in the manifest but the list of files. `MLmodel` carries it as `model_uuid`, and
 * the manifest carries the hash of `MLmodel`: so each vouches for the other, and neither can be edited alone.
 */
export function manifestDigest(manifest: Omit<BundleManifest, 'files'>, modelHash: string): string {
  return sha256(`${JSON.stringify(manifest)}\n${modelHash}`).slice(0, 32)
}
