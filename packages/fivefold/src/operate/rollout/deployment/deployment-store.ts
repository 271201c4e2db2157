import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FivefoldError } from '../../../core/index.ts'
import { nameSchema, parsedAs } from '../policy/traffic-policy.ts'
import { type Change, type DeploymentRecord, type DeploymentSpec, deploymentRecordSchema } from './deployment-record.ts'

export interface NewVersion {
  readonly spec: DeploymentSpec
  /** Kept where the policy goes on as it is; this version otherwise. */
  readonly policyVersion?: number
  readonly change: Change
  /** Version that the change was made from; 0 for a deployment that does not exist yet. */
  readonly expectedVersion: number
}

/** Deployments by name, each with all its versions. */
export interface DeploymentStore {
  names(): Promise<readonly string[]>
  /** The latest version. @throws DEPLOYMENT_NOT_FOUND where there is no such deployment */
  read(name: string): Promise<DeploymentRecord>
  /** All versions, oldest first. @throws DEPLOYMENT_NOT_FOUND */
  history(name: string): Promise<readonly DeploymentRecord[]>
  /**
   * Adds a version. Of two writers that changed the same version, one is told to look again.
   *
   * @throws STORE_CONFLICT where `expectedVersion` is not the latest
   */
  write(name: string, version: NewVersion): Promise<DeploymentRecord>
}

/**
 * The deployment of that name; made from the specification where there is none yet. What the store holds is the truth, since it
 * may have been changed or rolled back after the specification was written.
 *
 * @throws CONFIG_INVALID
 */
export async function ensureDeployment(
  store: DeploymentStore,
  name: string,
  spec: DeploymentSpec,
  change: Pick<Change, 'timeMs' | 'by'>,
): Promise<DeploymentRecord> {
  if ((await store.names()).includes(name)) return store.read(name)
  return store.write(name, { spec, expectedVersion: 0, change: { ...change, action: 'create', reason: '' } })
}

/** A folder with a folder for each deployment and one JSON file for each of its versions. Files appear whole and never change. */
export function createDeploymentStore(dir: string): DeploymentStore {
  const folderOf = (name: string): string => join(dir, checkedName(name))
  const versionsOf = async (name: string): Promise<number[]> =>
    (await listed(folderOf(name)))
      .flatMap((file) => /^(\d{8})\.json$/.exec(file)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b)
  const readVersion = async (name: string, version: number): Promise<DeploymentRecord> => {
    const path = join(folderOf(name), fileOf(version))
    return parsedAs(deploymentRecordSchema, parseJson(await readFile(path, 'utf8'), path), path)
  }
  const existing = async (name: string): Promise<number[]> => {
    const versions = await versionsOf(name)
    if (versions.length === 0) throw new FivefoldError('DEPLOYMENT_NOT_FOUND', `there is no deployment ${name}`)
    return versions
  }
  return {
    names: async () => {
      const names = (await listed(dir)).filter((name) => nameSchema.safeParse(name).success).sort()
      const held = await Promise.all(names.map(async (name) => ((await versionsOf(name)).length > 0 ? [name] : [])))
      return held.flat()
    },
    read: async (name) => readVersion(name, (await existing(name)).at(-1)!),
    history: async (name) => Promise.all((await existing(name)).map((version) => readVersion(name, version))),
    write: async (name, { spec, policyVersion, change, expectedVersion }) => {
      const latest = (await versionsOf(name)).at(-1) ?? 0
      if (latest !== expectedVersion) throw conflict(name, expectedVersion, latest)
      const version = latest + 1
      const record = { format: 1 as const, name, version, ...spec, policyVersion: policyVersion ?? version, change }
      const isWritten = await writeNew(folderOf(name), fileOf(version), `${JSON.stringify(record, undefined, 2)}\n`)
      if (!isWritten) throw conflict(name, expectedVersion, version)
      return record
    },
  }
}

const fileOf = (version: number): string => `${String(version).padStart(8, '0')}.json`

function checkedName(name: string): string {
  return parsedAs(nameSchema, name, 'the name of the deployment')
}

async function listed(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw FivefoldError.from(error, 'STORE_UNAVAILABLE')
  })
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    throw new FivefoldError('CONFIG_INVALID', `${path} is not JSON`, { cause: thrown })
  }
}

/** Links a finished file to its name, which fails where the name is taken: whole or not at all, and never over another's. */
async function writeNew(folder: string, name: string, content: string): Promise<boolean> {
  await mkdir(folder, { recursive: true })
  const draft = join(folder, `.${name}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    const handle = await open(draft, 'wx')
    await handle
      .writeFile(content)
      .then(() => handle.sync())
      .finally(() => handle.close())
    await link(draft, join(folder, name))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw FivefoldError.from(error, 'STORE_UNAVAILABLE')
  } finally {
    await rm(draft, { force: true })
  }
}

function conflict(name: string, expected: number, latest: number): FivefoldError {
  return new FivefoldError('STORE_CONFLICT', `deployment ${name} is at version ${latest}, not ${expected}`, {
    remedy: 'Read the deployment again and apply the change to its latest version.',
  })
}
