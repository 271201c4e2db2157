import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { z } from 'zod'
import { FivefoldError, recoverFolder, version } from '../../core/index.ts'
import { type CopiedFile, copiedFile, type DeployFile } from './deploy-file.ts'
import type { DeployPlan } from './deploy-plan.ts'

/** Says that a folder was written by us, and what was in it. */
export const MARKER = '.fivefold-deploy.json'

const markerSchema = z.strictObject({
  formatVersion: z.literal(1),
  fivefold: z.string(),
  target: z.string(),
  name: z.string(),
  model: z.strictObject({ name: z.string(), version: z.string(), digest: z.string() }),
  /** SHA-256 of every other file. */
  files: z.record(z.string(), z.string()),
})

export function markerOf(
  target: string,
  { name, model }: DeployPlan,
  files: readonly (readonly [string, string])[],
): z.infer<typeof markerSchema> {
  return {
    formatVersion: 1,
    fivefold: version,
    target,
    name,
    model: { name: model.name, version: model.version, digest: model.digest },
    files: Object.fromEntries(files),
  }
}

/** Nothing that somebody wrote or changed by hand is replaced. @throws OUTPUT_EXISTS */
export async function requireReplaceable(out: string): Promise<void> {
  await recoverFolder(out)
  const paths = await filesBelow(out)
  if (paths === undefined || paths.length === 0) return
  const marker = await readMarker(out)
  if (!marker) throw outputExists(`${out} holds files that this command did not write`)
  for (const path of paths) {
    if (path === MARKER || path.endsWith(LOCK_FILE)) continue
    const expected = marker.files[path]
    if (expected === undefined) throw outputExists(`${out} holds ${path}, which this command did not write`)
    if (expected !== (await hashOf(join(out, path)))) throw outputExists(`${path} in ${out} was changed by hand`)
  }
}

const outputExists = (message: string): FivefoldError => new FivefoldError('OUTPUT_EXISTS', message)

/** Undefined where there is no folder. @throws OUTPUT_EXISTS where there is something else */
async function filesBelow(folder: string): Promise<string[] | undefined> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    if (code === 'ENOTDIR') throw outputExists(`${folder} is a file`)
    throw FivefoldError.from(error)
  }
}

async function readMarker(folder: string): Promise<z.infer<typeof markerSchema> | undefined> {
  try {
    return markerSchema.safeParse(JSON.parse(await readFile(join(folder, MARKER), 'utf8'))).data
  } catch {
    return undefined
  }
}

const hashOf = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex')

const LOCK_FILE = 'package-lock.json'

/** The runbook has the packages frozen by a file beside package.json; it stays for as long as that is the same. */
export async function keptLockFiles(out: string, planned: readonly DeployFile[]): Promise<CopiedFile[]> {
  const kept: CopiedFile[] = []
  for (const file of planned) {
    if (file.kind !== 'text' || !file.path.endsWith('/package.json')) continue
    const path = file.path.replace('package.json', LOCK_FILE)
    const before = await readFile(join(out, file.path), 'utf8').catch(() => undefined)
    if (before === file.text && existsSync(join(out, path))) kept.push(copiedFile(path, join(out, path)))
  }
  return kept
}
