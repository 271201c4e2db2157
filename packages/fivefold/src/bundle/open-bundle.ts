import { lstat, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { FivefoldError, recoverFolder } from '../core/index.ts'
import { manifestDigest, sha256 } from './digest.ts'
import type { BundleManifest } from './manifest.ts'
import { parseManifest } from './read-manifest.ts'
import { BUNDLE_FILES } from './write-bundle.ts'

/** A verified bundle. */
export interface Bundle {
  /** Absolute path of the folder. */
  readonly path: string
  readonly manifest: BundleManifest
  /** The bytes of `model.onnx`. */
  readonly model: Uint8Array
  /** Parquet file with the reference sample. */
  readonly referencePath: string
  /** Markdown. */
  readonly modelCard: string
}

/**
 * Opens a bundle and verifies every file of it.
 * Throws MODEL_NOT_FOUND, BUNDLE_VERSION, or BUNDLE_INVALID naming the file that is missing or was changed.
 */
export async function openBundle(path: string): Promise<Bundle> {
  const folder = resolve(path)
  await recoverFolder(folder)
  const text = await readManifestText(folder)
  const manifest = parseManifest(parseJson(text))
  const contents = new Map<string, Uint8Array>()
  for (const name of new Set([...BUNDLE_FILES, ...Object.keys(manifest.files)])) {
    contents.set(name, await readVerified(folder, name, manifest))
  }
  verifyManifest(text, contents, manifest)
  return {
    path: folder,
    manifest,
    model: contents.get('model.onnx')!,
    referencePath: join(folder, 'reference.parquet'),
    modelCard: new TextDecoder().decode(contents.get('MODEL_CARD.md')),
  }
}

async function readManifestText(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, 'fivefold.json'), 'utf8')
  } catch (cause) {
    if (isMissing(cause))
      throw new FivefoldError('MODEL_NOT_FOUND', `no model bundle at ${folder}: it has no fivefold.json`, { cause })
    throw FivefoldError.from(cause)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FivefoldError('BUNDLE_INVALID', 'fivefold.json is not JSON', { cause })
  }
}

async function readVerified(folder: string, name: string, manifest: BundleManifest): Promise<Uint8Array> {
  const expected = manifest.files[name]
  if (expected === undefined) throw new FivefoldError('BUNDLE_INVALID', `fivefold.json does not list ${name}`)
  await requireFile(join(folder, name), name)
  const content = await readFile(join(folder, name)).catch((cause) => {
    if (isMissing(cause)) throw new FivefoldError('BUNDLE_INVALID', `${name} is missing in ${folder}`, { cause })
    throw FivefoldError.from(cause)
  })
  if (sha256(content) === expected) return content
  throw new FivefoldError('BUNDLE_INVALID', `${name} was changed after the bundle was written (${folder})`)
}

/** A folder, a pipe or a link to a device is never part of a bundle; reading one could last for ever. */
async function requireFile(path: string, name: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found && !found.isFile()) throw new FivefoldError('BUNDLE_INVALID', `${name} is not a file`)
}

/** The manifest cannot hold its own hash; `MLmodel` does, as the model's id. */
function verifyManifest(text: string, contents: ReadonlyMap<string, Uint8Array>, manifest: BundleManifest): void {
  const { files: _, ...head } = JSON.parse(text) as BundleManifest
  const uuid = manifestDigest(head, manifest.files['model.onnx']!)
  const mlmodel = new TextDecoder().decode(contents.get('MLmodel'))
  if (mlmodel.includes(`\nmodel_uuid: ${uuid}\n`)) return
  throw new FivefoldError('BUNDLE_INVALID', 'fivefold.json was changed after the bundle was written')
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
