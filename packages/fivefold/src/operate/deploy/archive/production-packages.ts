import { readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Architecture, PackagedFile } from '../deploy-plan.ts'
import { type PlacedPackage, packageTree } from './package-tree.ts'

/**
 * What answering HTTP over a bundle never loads: reading tables, the tracking store, charts, gRPC, the command line. They are half of what
 * is installed, and mostly native code.
 */
export const LEFT_OUT: ReadonlySet<string> = new Set([
  '@duckdb/node-api',
  '@grpc/grpc-js',
  '@observablehq/plot',
  'commander',
  'jiti',
  'kysely',
  'libsql',
  'linkedom',
  'pg',
  // Of ONNX Runtime: for its install script, which fetches files for graphics cards.
  'adm-zip',
  'global-agent',
])

/** This package: two folders above `operate/`, in the sources as in what is built of them. */
const OWN_FOLDER = fileURLToPath(new URL('../../../../', import.meta.url))

/**
 * The files below `node_modules` that serve a bundle on Linux, from what is installed on this machine, whatever system it
 * runs: ONNX Runtime ships for all of them.
 */
export async function productionPackages(architecture: Architecture): Promise<PackagedFile[]> {
  const files: PackagedFile[] = []
  for (const found of await packageTree(OWN_FOLDER, (name) => LEFT_OUT.has(name)))
    files.push(...(await filesOf(found, architecture)))
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function filesOf({ name, place, folder }: PlacedPackage, architecture: Architecture): Promise<PackagedFile[]> {
  const isKept = name === 'fivefold' ? isServingFile : name === 'onnxruntime-node' ? runtimeFile(architecture) : isCode
  const files: PackagedFile[] = []
  for (const from of await filesBelow(folder)) {
    const path = relative(folder, from).split(sep).join('/')
    if (!isKept(path)) continue
    files.push({ kind: 'copy', path: `${place}/${path}`, from, sizeBytes: (await stat(from)).size })
  }
  return files
}

/** Packages inside of packages are placed by themselves. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const below = entries.map((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesBelow(path)
    return entry.isFile() ? [path] : []
  })
  return (await Promise.all(below)).flat()
}

/** Neither types nor maps; licences stay. */
const isCode = (path: string): boolean =>
  !/\.(?:d\.[cm]?ts|map|tsbuildinfo)$/.test(path) && !/^(?:test|tests|docs|\.github|benchmarks?)\//.test(path)

/** Of ours what npm would publish, without the console. */
const isServingFile = (path: string): boolean =>
  isCode(path) && (/^(?:package\.json|LICENSE)$/.test(path) || /^dist\/(?!console\/).*(?<!\.test)\.js$/.test(path))

/** One platform of the five. */
const runtimeFile =
  (architecture: Architecture) =>
  (path: string): boolean =>
    isCode(path) &&
    (!path.startsWith('bin/') || path.includes(`/linux/${architecture}/`)) &&
    !path.startsWith('script/')
