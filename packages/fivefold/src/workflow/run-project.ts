import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Context, forkContext, writeFileAtomic } from '../core/index.ts'
import type { ProjectConfig, ResolvedConfig } from './config.ts'
import { resolveConfig } from './config.ts'
import { runEvaluateStage } from './evaluate-stage.ts'
import { openProjectData } from './open-data.ts'
import { runPrepareStage } from './prepare-stage.ts'
import { runProfileStage } from './profile-stage.ts'
import { runRegisterStage } from './register-stage.ts'
import type { RunRecord } from './run-record.ts'
import { createStageCache } from './stage-cache.ts'
import { createStageRunner, type StageSelection } from './stage-runner.ts'
import { type TrackingTarget, withTrackedRun } from './tracked-run.ts'
import { runTrainStage } from './train-stage.ts'

export interface RunOptions extends StageSelection {
  /** Folder that relative paths of the config start from; the current one where absent. */
  readonly projectFolder?: string
  /** An MLflow server that the run goes to where the config names none; the token is for either. */
  readonly tracking?: Partial<TrackingTarget>
}

export interface RunOutcome {
  readonly config: ResolvedConfig
  /** Absolute path of the output folder. */
  readonly out: string
  /** Absent where `only` ended the run before the evaluation. */
  readonly record?: RunRecord
  readonly criteriaMet: boolean
}

/**
 * Phases 1 to 4 and registration: profile, prepare, train, evaluate, register. Finished work is kept by content under
 * the store folder, so a run that was interrupted, or is repeated with one change, redoes only what the change touches.
 */
export async function runProject(
  projectConfig: ProjectConfig,
  context: Context,
  options: RunOptions = {},
): Promise<RunOutcome> {
  const config = resolveConfig(projectConfig)
  const folder = resolve(options.projectFolder ?? '.')
  const paths = { folder, out: resolve(folder, config.out), store: resolve(folder, config.store) }
  await mkdir(join(paths.out, 'reports'), { recursive: true })
  const runContext = forkContext(context, 'run')
  await using data = await openProjectData(config, folder, runContext)
  const server = trackingTarget(config, options)
  return await withTrackedRun({ config, paths, data, server }, runContext, async (run) => {
    const tracked = { ...runContext, run: run.sink }
    const stages = createStageRunner(createStageCache(join(paths.store, 'cache')), options, tracked)
    const profiled = await runProfileStage({ config, paths, data, stages })
    if (stages.endsAfter('profile')) return { config, out: paths.out, criteriaMet: true }
    const prepared = await runPrepareStage({ config, paths, data, stages, ...profiled })
    if (stages.endsAfter('prepare')) return { config, out: paths.out, criteriaMet: true }
    run.sink.tag('fivefold.dataVersion', prepared.dataVersion)
    const trained = await runTrainStage({ config, data, stages, ...profiled, ...prepared })
    if (stages.endsAfter('train')) return { config, out: paths.out, criteriaMet: true }
    const evaluated = await runEvaluateStage({ config, paths, data, stages, ...profiled, ...prepared, trained })
    const registered = stages.endsAfter('evaluate')
      ? undefined
      : await runRegisterStage({ config, paths, data, stages, run, evaluation: evaluated.evaluation })
    const record: RunRecord = { ...evaluated.record(registered), stages: stages.records }
    await writeFileAtomic(join(paths.out, 'run.json'), `${JSON.stringify(record, null, 2)}\n`)
    return { config, out: paths.out, record, criteriaMet: record.criteria.every((criterion) => criterion.met) }
  })
}

function trackingTarget(config: ResolvedConfig, { tracking = {} }: RunOptions): TrackingTarget | undefined {
  const url = config.tracking.url ?? tracking.url
  return url === undefined ? undefined : { url, ...(tracking.token !== undefined && { token: tracking.token }) }
}
