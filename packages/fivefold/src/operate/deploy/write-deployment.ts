import { createHash } from 'node:crypto'
import { chmod, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { FivefoldError, writeFolderAtomic } from '../../core/index.ts'
import { productionPackages } from './archive/production-packages.ts'
import { type ZipEntry, zipArchive } from './archive/zip.ts'
import { type CopiedFile, type DeployFile, jsonFile, type TextFile, textFile, type ZipFile } from './deploy-file.ts'
import type { DeployPlan } from './deploy-plan.ts'
import { keptLockFiles, MARKER, markerOf, requireReplaceable } from './earlier-deployment.ts'
import { type DeployOptions, planDeployment } from './plan-deployment.ts'
import { exampleBody } from './runbook/example-request.ts'
import { DEPLOY_TARGETS, type DeployTargetName } from './targets/deploy-targets.ts'

export interface WriteDeploymentOptions extends DeployOptions {
  readonly target: DeployTargetName
  /** Folder to write. One that this function made is replaced, unless its files were changed since. */
  readonly out: string
  /** Replaces the folder whatever it holds. */
  readonly force?: boolean
}

export interface WrittenDeployment {
  readonly target: DeployTargetName
  /** Absolute path of the folder. */
  readonly out: string
  readonly name: string
  readonly image: string
  readonly port: number
  readonly model: { readonly name: string; readonly version: string; readonly digest: string }
  /** In the order of their paths, with forward slashes. */
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[]
}

/**
 * Writes everything that it takes to run a model on a platform, with a runbook, as one folder that appears whole or not
 * at all. The same bundle and options give the same bytes.
 *
 * @throws OPTION_INVALID, MODEL_NOT_FOUND, BUNDLE_INVALID, BUNDLE_VERSION, OUTPUT_EXISTS, STORAGE_DENIED, STORAGE_FULL
 */
export async function writeDeployment(options: WriteDeploymentOptions): Promise<WrittenDeployment> {
  const { target, force = false } = options
  const out = resolve(options.out)
  const plan = await planFor(options)
  const planned = [...DEPLOY_TARGETS[target](plan), textFile('example-request.json', `${exampleBody(plan)}\n`)]
  if (!force) await requireReplaceable(out)
  const files = [...planned, ...(await keptLockFiles(out, planned))]
  const sizes: { path: string; sizeBytes: number }[] = []
  await writeFolderAtomic(out, async (folder) => {
    for (const file of files) await writeDeployFile(folder, file)
    const written = await readFolder(folder)
    sizes.push(...written.map(({ path, content }) => ({ path, sizeBytes: content.length })))
    await writeDeployFile(folder, jsonFile(MARKER, markerOf(target, plan, written.map(hashed))))
  }).catch((error: unknown) => {
    throw FivefoldError.from(error, 'STORAGE_DENIED')
  })
  const { name, image, port, model } = plan
  const { name: modelName, version, digest } = model
  return { target, out, name, image, port, model: { name: modelName, version, digest }, files: sizes }
}

async function planFor({ target, ...options }: WriteDeploymentOptions): Promise<DeployPlan> {
  const plan = await planDeployment(options)
  return target === 'lambda' ? { ...plan, packages: await productionPackages(plan.architecture) } : plan
}

interface WrittenFile {
  readonly path: string
  readonly content: Uint8Array
}

const hashed = ({ path, content }: WrittenFile): readonly [string, string] => [
  path,
  createHash('sha256').update(content).digest('hex'),
]

async function writeDeployFile(folder: string, file: DeployFile): Promise<void> {
  const path = join(folder, file.path)
  await mkdir(dirname(path), { recursive: true })
  if (file.kind === 'copy') return cp(file.from, path, { recursive: true, dereference: true })
  await writeFile(path, file.kind === 'text' ? file.text : await zipOf(file))
  if (file.kind === 'text' && file.isExecutable) await chmod(path, 0o755)
}

async function zipOf({ path, entries, maxUnpackedBytes }: ZipFile): Promise<Uint8Array> {
  const files = (await Promise.all(entries.map(zipEntries))).flat()
  const unpackedBytes = files.reduce((sum, { content }) => sum + content.length, 0)
  if (unpackedBytes > maxUnpackedBytes) {
    const [is, most] = [unpackedBytes, maxUnpackedBytes].map((bytes) => Math.ceil(bytes / 2 ** 20))
    throw new FivefoldError('OPTION_INVALID', `${path} would be ${is} MiB unpacked, the platform takes ${most} MiB`, {
      remedy: 'Deploy the model as a container: --target docker.',
    })
  }
  return zipArchive(files)
}

async function zipEntries(file: TextFile | CopiedFile): Promise<ZipEntry[]> {
  if (file.kind === 'text') return [{ path: file.path, content: new TextEncoder().encode(file.text) }]
  return (await readFolder(file.from)).map(({ path, content }) => ({
    path: path === '' ? file.path : `${file.path}/${path}`,
    content,
  }))
}

/** Every file below a folder, by path; a file by itself has the path ''. */
async function readFolder(folder: string): Promise<WrittenFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined
    throw error
  })
  const paths = entries?.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)) ?? [
    folder,
  ]
  const files = paths.map(async (path) => ({
    path: relative(folder, path).split(sep).join('/'),
    content: await readFile(path),
  }))
  return (await Promise.all(files)).sort((a, b) => (a.path < b.path ? -1 : 1))
}
