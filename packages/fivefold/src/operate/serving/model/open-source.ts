import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { openBundle } from '../../../bundle/index.ts'
import { FivefoldError } from '../../../core/index.ts'
import type { SessionOptions } from '../../../onnx/index.ts'
import type { ModelSource } from '../runtime/model-repository.ts'
import { openBundleServable } from './bundle-servable.ts'
import { digestOfFile } from './model-digest.ts'
import { openOnnxServable } from './onnx-servable.ts'
import type { Servable } from './servable.ts'

/** What a source turned out to be. */
export interface FoundModel {
  readonly kind: 'bundle' | 'onnx'
  /** Folder of the bundle, or the ONNX file. */
  readonly path: string
  /** Absent for a bundle without a name given: its manifest says it. */
  readonly name?: string
  readonly version: string
}

/**
 * Looks at what lies at a path: an ONNX file, a bundle, a folder with `model.onnx`, or a folder with numbered versions of
 * these, of which the highest one is taken where the source names none.
 *
 * @throws MODEL_NOT_FOUND
 */
export async function findModel({ path, name, version }: ModelSource): Promise<FoundModel> {
  const place = resolve(path)
  const folderName = name ?? basename(place).replace(/\.onnx$/, '')
  if (place.endsWith('.onnx') && (await isFile(place)))
    return { kind: 'onnx', path: place, name: folderName, version: version ?? '1' }
  const versions = await numberedFolders(place)
  if (versions.length > 0) {
    const chosen = version ?? versions.at(-1)!
    if (versions.includes(chosen)) return findModel({ path: join(place, chosen), name: folderName, version: chosen })
  }
  if (await isFile(join(place, 'fivefold.json')))
    return { kind: 'bundle', path: place, ...(name === undefined ? {} : { name }), version: version ?? '1' }
  if (await isFile(join(place, 'model.onnx')))
    return { kind: 'onnx', path: join(place, 'model.onnx'), name: folderName, version: version ?? '1' }
  throw new FivefoldError(
    'MODEL_NOT_FOUND',
    `no model at ${place}${version === undefined ? '' : `, version ${version}`}`,
    {
      remedy: 'Name an ONNX file, a bundle, a folder with model.onnx, or a folder with numbered versions of these.',
    },
  )
}

/** @throws MODEL_NOT_FOUND, BUNDLE_INVALID, BUNDLE_VERSION, GRAPH_INVALID, GRAPH_UNSUPPORTED */
export async function openFound(found: FoundModel, session?: SessionOptions): Promise<Servable> {
  const { kind, path, name, version } = found
  const options = { version, ...(session ? { session } : {}) }
  if (kind === 'onnx')
    return openOnnxServable(path, { ...options, name: name ?? 'model', digest: () => digestOfFile(path) })
  return openBundleServable(await openBundle(path), { ...options, ...(name === undefined ? {} : { name }) })
}

const isFile = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isFile() ?? false

/** Names of the version folders in ascending order. */
async function numberedFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const names = entries.filter((entry) => entry.isDirectory() && /^\d+$/.test(entry.name)).map(({ name }) => name)
  return names.sort((a, b) => Number(a) - Number(b))
}

/** The models in a folder: each subfolder or ONNX file that holds one, named like it. Others are left out. */
export async function findModels(folder: string): Promise<ModelSource[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw new FivefoldError('MODEL_NOT_FOUND', `the folder of models ${resolve(folder)} cannot be read`, { cause })
  })
  const sources = entries
    .map(({ name }) => ({ path: resolve(folder, name), name: name.replace(/\.onnx$/, '') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const found = await Promise.all(
    sources.map((source) =>
      findModel(source).then(
        () => true,
        () => false,
      ),
    ),
  )
  return sources.filter((_, i) => found[i])
}
