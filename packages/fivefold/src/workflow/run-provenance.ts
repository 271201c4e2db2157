import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { version } from '../core/index.ts'
import { type RecordedRun, withoutPassword } from '../track/index.ts'
import type { ResolvedConfig } from './config.ts'
import type { ProjectData } from './open-data.ts'
import { packageVersions } from './package-versions.ts'
import { canonicalJson } from './stage-cache.ts'

export interface ProvenanceInput {
  readonly config: ResolvedConfig
  /** Folder of the project's own code. */
  readonly folder: string
  readonly data: ProjectData
  readonly seed: number
  /** Folder for the files that are logged; they have to stay until the run is written. */
  readonly scratch: string
}

/** MLflow's own limit of a parameter. */
const MAX_PARAM_LENGTH = 6000

/** What went into a run: config, data, code with what is not committed of it, environment. */
export async function recordProvenance(run: RecordedRun, input: ProvenanceInput): Promise<void> {
  const { config, data, seed } = input
  run.param('seed', seed)
  const text = withoutPasswordInside(canonicalJson(config))
  if (text.length <= MAX_PARAM_LENGTH) run.param('config', text)
  await logText(run, input, 'config.json', `${JSON.stringify(JSON.parse(text), null, 2)}\n`)
  run.tag('fivefold.dataHash', data.hash)
  run.dataset({ dataset: datasetOf(config, data), tags: { 'mlflow.data.context': 'training' } })
  const { platform, arch } = process
  const environment = { fivefold: version, ...packageVersions(), platform, arch }
  await logText(run, input, 'environment.json', `${JSON.stringify(environment, null, 2)}\n`)
  run.tag('mlflow.user', userName())
  run.tag('mlflow.source.type', 'LOCAL')
  run.tag('mlflow.source.name', 'fivefold run')
  await recordCode(run, input)
}

function withoutPasswordInside(text: string): string {
  return text.replace(/postgres(?:ql)?:\/\/[^"\s]+/g, (url) => withoutPassword(url))
}

function datasetOf({ data: { location } }: ResolvedConfig, { hash, table }: ProjectData) {
  const columns = table.schema.columns.map(({ name, type }) => ({ name, type }))
  const source = withoutPasswordInside(location)
  return {
    name: basename(source).slice(0, 500) || 'data',
    // MLflow takes 36 characters; all of the hash is in the tag.
    digest: hash.replace(/^sha256:/, '').slice(0, 36),
    sourceType: 'local',
    source: JSON.stringify({ uri: source }),
    schema: JSON.stringify({ fivefold_columns: columns }),
    profile: JSON.stringify({ num_rows: table.rowCount }),
  }
}

const MAX_DIFF_BYTES = 8 * 2 ** 20

async function recordCode(run: RecordedRun, input: ProvenanceInput): Promise<void> {
  const commit = await git(input.folder, 'rev-parse', 'HEAD')
  if (commit === undefined) return
  run.tag('mlflow.source.git.commit', commit.trim())
  const branch = (await git(input.folder, 'rev-parse', '--abbrev-ref', 'HEAD'))?.trim()
  if (branch !== undefined && branch !== 'HEAD') run.tag('mlflow.source.git.branch', branch)
  const diff = await git(input.folder, 'diff', 'HEAD', '--relative')
  run.tag('fivefold.codeState', diff === undefined ? 'unknown' : diff === '' ? 'committed' : 'changed')
  if (diff) await logText(run, input, 'code.diff', diff)
}

/** Undefined where there is no repository, no git, or too much to read. */
async function git(folder: string, ...args: string[]): Promise<string | undefined> {
  try {
    const options = { timeout: 10_000, maxBuffer: MAX_DIFF_BYTES }
    return (await promisify(execFile)('git', ['-C', folder, ...args], options)).stdout
  } catch {
    return undefined
  }
}

async function logText(run: RecordedRun, { scratch }: ProvenanceInput, name: string, text: string): Promise<void> {
  const path = join(scratch, name)
  await writeFile(path, text)
  run.artifact(`provenance/${name}`, path)
}

/** Where the system knows no name for the user, as in some containers, there is none. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}
