import { resolve } from 'node:path'
import { FivefoldError } from '../../core/index.ts'
import { type ProjectConfig, type RunOutcome, runProject, STAGES, type StageName } from '../../workflow/index.ts'
import { type CommonFlags, withCommandContext } from '../command-context.ts'
import { loadConfig } from '../load-config.ts'
import { printJson, printLine } from '../output.ts'
import { runSummary } from '../run-summary.ts'
import { type SourceFlags, sourceFromFlags } from '../source-flags.ts'

interface RunFlags extends CommonFlags, SourceFlags {
  readonly config: string
  readonly data?: string
  readonly target?: string
  readonly task?: 'auto' | 'classification' | 'regression'
  readonly test?: string
  readonly split?: 'random' | 'time' | 'group'
  readonly time?: string
  readonly group?: string
  readonly testFraction?: number
  readonly metric?: string
  readonly positive?: string
  readonly drop?: readonly string[]
  readonly protect?: readonly string[]
  readonly budget?: number
  readonly name?: string
  readonly from?: string
  readonly only?: string
  readonly out?: string
}

const CRITERIA_NOT_MET = 3

export async function runCommand(flags: RunFlags): Promise<void> {
  const selection = { ...stageFlag('from', flags.from), ...stageFlag('only', flags.only) }
  const config = {
    ...(flags.data === undefined ? withSourceFlags(await loadConfig(flags.config), flags) : dataAndTarget(flags)),
    ...overrides(flags),
  }
  const seeded = { ...flags, seed: flags.seed ?? config.seed ?? 7 }
  const outcome = await withCommandContext(seeded, (context) =>
    runProject({ ...config, seed: seeded.seed }, context, { ...selection, tracking: trackingOf(process.env) }),
  )
  if (flags.json) printJson(outcome.record ?? { out: outcome.out, endedAfter: flags.only })
  else printOutcome(outcome, flags.only)
  if (!outcome.criteriaMet) process.exitCode = CRITERIA_NOT_MET
}

/** MLflow's variables. Addresses other than of a server, such as of a folder or a database, are for MLflow alone. */
function trackingOf(environment: NodeJS.ProcessEnv): { url?: string; token?: string } {
  const { MLFLOW_TRACKING_URI: uri = '', MLFLOW_TRACKING_TOKEN: token } = environment
  return { ...(/^https?:/.test(uri) && { url: uri }), ...(token && { token }) }
}

function printOutcome(outcome: RunOutcome, only: string | undefined): void {
  printLine(
    outcome.record
      ? runSummary(outcome.record, outcome.out)
      : `ended after ${only}; reports are in ${resolve(outcome.out, 'reports')}`,
  )
}

function dataAndTarget(flags: RunFlags): ProjectConfig {
  if (flags.data === undefined || flags.target === undefined) {
    throw new FivefoldError('CLI_USAGE', '--data needs --target: the column that is to be predicted')
  }
  return { data: sourceFromFlags(flags.data, flags) as ProjectConfig['data'], target: flags.target }
}

/** Flags that say how the data is read hold for the data of a config file, too. */
function withSourceFlags(config: ProjectConfig, flags: RunFlags): ProjectConfig {
  const given = typeof config.data === 'string' ? { location: config.data } : config.data
  const { location: _, types, ...reading } = sourceFromFlags('', flags)
  const data = { ...given, ...reading, ...(types && { types: { ...given?.types, ...types } }) }
  return { ...config, data: data as ProjectConfig['data'] }
}

/** Flags win over the config file. */
function overrides(flags: RunFlags): Partial<ProjectConfig> {
  const split = splitFromFlags(flags)
  return {
    ...(flags.task && { task: flags.task }),
    // An unknown name is refused by the config's own check, with the list of names.
    ...(flags.metric && { metric: flags.metric as NonNullable<ProjectConfig['metric']> }),
    ...(flags.positive !== undefined && { positive: flags.positive }),
    ...(flags.drop && { drop: [...flags.drop] }),
    ...(flags.protect && { protect: [...flags.protect] }),
    ...(flags.budget !== undefined && { budgetMs: flags.budget }),
    ...(flags.name && { name: flags.name }),
    ...(flags.out && { out: flags.out }),
    ...(flags.target && flags.data === undefined && { target: flags.target }),
    ...(split && { split }),
  }
}

function splitFromFlags(flags: RunFlags): ProjectConfig['split'] | undefined {
  const testFraction = flags.testFraction === undefined ? {} : { testFraction: flags.testFraction }
  const kind = flags.split ?? (flags.time ? 'time' : flags.group ? 'group' : undefined)
  if (flags.test !== undefined) {
    if (kind) throw new FivefoldError('CLI_USAGE', '--test and --split exclude each other: the test file is the split')
    return { kind: 'file', test: flags.test }
  }
  if (kind === 'time')
    return { kind, column: required(flags.time, '--split time needs --time COLUMN'), ...testFraction }
  if (kind === 'group')
    return { kind, column: required(flags.group, '--split group needs --group COLUMN'), ...testFraction }
  if (kind === 'random' || flags.testFraction !== undefined) return { kind: 'random', ...testFraction }
  return undefined
}

function required(value: string | undefined, message: string): string {
  if (value === undefined) throw new FivefoldError('CLI_USAGE', message)
  return value
}

function stageFlag<K extends 'from' | 'only'>(flag: K, name: string | undefined): Partial<Record<K, StageName>> {
  if (name === undefined) return {}
  const stage = STAGES.find((candidate) => candidate === name)
  if (!stage) throw new FivefoldError('CLI_USAGE', `--${flag} ${name}: the stages are ${STAGES.join(', ')}`)
  return { [flag]: stage } as Partial<Record<K, StageName>>
}
