import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FivefoldError, writeFolderAtomic } from '../core/index.ts'
import { type Frame, type Schema, writeFrames } from '../data/index.ts'
import { manifestDigest, sha256 } from './digest.ts'
import { type BundleContent, type BundleManifest, FORMAT_VERSION } from './manifest.ts'
import { environmentFiles, mlmodelYaml } from './mlflow-files.ts'
import { parseManifest } from './read-manifest.ts'

export interface BundleParts {
  /** ONNX bytes: raw columns in, label and probabilities (or the prediction) out. */
  readonly model: Uint8Array
  readonly manifest: BundleContent
  /** A sample of the training rows, against which drift is measured. */
  readonly reference: { readonly frame: Frame; readonly schema: Schema }
  /** Markdown. */
  readonly modelCard: string
}

/**
 * Writes the folder of a bundle, whole or not at all; what was at `path` before is replaced.
 * The same parts give the same bytes. Metrics that are not defined on the test rows (NaN) are left out.
 * Throws BUNDLE_INVALID where the manifest does not hold what it must.
 */
export async function writeBundle(path: string, parts: BundleParts): Promise<BundleManifest> {
  const head = checkedHead(parts.manifest)
  const modelHash = sha256(parts.model)
  const texts: Record<string, string> = {
    MLmodel: mlmodelYaml(head, manifestDigest(head, modelHash)),
    'MODEL_CARD.md': parts.modelCard,
    ...environmentFiles(),
  }
  let written: BundleManifest | undefined
  await writeFolderAtomic(path, async (folder) => {
    const { frame, schema } = parts.reference
    await writeFrames(frame, schema, join(folder, 'reference.parquet'))
    await writeFile(join(folder, 'model.onnx'), parts.model)
    for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text)
    const files: Record<string, string> = {}
    for (const name of BUNDLE_FILES) files[name] = sha256(await readFile(join(folder, name)))
    written = { ...head, files }
    await writeFile(join(folder, 'fivefold.json'), `${JSON.stringify(written, null, 2)}\n`)
  }).catch((error) => {
    throw FivefoldError.from(error)
  })
  return written!
}

/** Every file beside the manifest, in the order of the manifest's list. */
export const BUNDLE_FILES = [
  'MLmodel',
  'MODEL_CARD.md',
  'conda.yaml',
  'model.onnx',
  'python_env.yaml',
  'reference.parquet',
  'requirements.txt',
] as const

type ManifestHead = Omit<BundleManifest, 'files'>

function checkedHead(content: BundleContent): ManifestHead {
  const values = Object.entries(content.metrics.values).filter(([, metric]) => metric && isFinite3(metric))
  const metrics = { ...content.metrics, values: Object.fromEntries(values) }
  const draft = { formatVersion: FORMAT_VERSION, fivefold: packageVersion(), ...content, metrics, files: {} }
  const { files: _, ...head } = parseManifest(draft)
  return head
}

const isFinite3 = ({ value, low, high }: { value: number; low: number; high: number }): boolean =>
  Number.isFinite(value) && Number.isFinite(low) && Number.isFinite(high)

/** Two folders up from both `src/bundle` and `dist/bundle`. */
function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
