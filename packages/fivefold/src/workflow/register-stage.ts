import { join } from 'node:path'
import type { MetricName } from '../metrics/index.ts'
import type { ResolvedConfig } from './config.ts'
import type { Evaluated } from './evaluate-stage.ts'
import type { RunPaths } from './run-paths.ts'
import type { StageRunner } from './stage-runner.ts'
import type { TrackedRun } from './tracked-run.ts'

export interface RegisterInput {
  readonly config: ResolvedConfig
  readonly paths: RunPaths
  readonly stages: StageRunner
  readonly run: TrackedRun
  readonly evaluated: Evaluated
}

/** The bundle becomes a version of the model; it is the `champion` where its criteria are met. Answers `name/version`. */
export function runRegisterStage({ config, paths, stages, run, evaluated }: RegisterInput): Promise<string> {
  return stages.run('register', async () => {
    const { metrics, criteria } = evaluated.evaluation
    for (const [name, measured] of Object.entries(metrics))
      run.sink.metric(`test.${name as MetricName}`, measured.value)
    run.sink.artifact('reports', join(paths.out, 'reports'))
    const { version } = await run.store.registerModel(config.name, join(paths.out, 'model'), { runId: run.id, metrics })
    if (criteria.every((criterion) => criterion.met)) await run.store.setAlias(config.name, 'champion', version)
    return `${config.name}/${version}`
  })
}
