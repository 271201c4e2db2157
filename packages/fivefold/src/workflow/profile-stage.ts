import { join } from 'node:path'
import {
  inferProblem,
  type Profile,
  problemStatement,
  profileNotebook,
  profileTable,
  renderProfileHtml,
} from '../analyze/index.ts'
import { writeFileAtomic } from '../core/index.ts'
import type { Problem } from '../problem/index.ts'
import type { ResolvedConfig } from './config.ts'
import type { ProjectData } from './open-data.ts'
import { withPositiveClass } from './positive-class.ts'
import type { RunPaths } from './run-paths.ts'
import type { StageRunner } from './stage-runner.ts'

export interface ProfileInput {
  readonly config: ResolvedConfig
  readonly paths: RunPaths
  readonly data: ProjectData
  readonly stages: StageRunner
}

export interface Profiled {
  readonly problem: Problem
  readonly profile: Profile
}

/** Phase 1: what the data is, what the question is. Leaves `profile.html`, `.ipynb`, `.json` and `problem.md`. */
export function runProfileStage({ config, paths, data, stages }: ProfileInput): Promise<Profiled> {
  return stages.run('profile', async (stage) => {
    const { table, targetName } = data
    const inferred = await inferProblem(table, {
      target: targetName,
      task: config.task,
      protect: config.protect,
      criteria: config.criteria,
      constraints: config.constraints,
      ...(config.metric && { metric: config.metric }),
    })
    const problem = await withPositiveClass(inferred, table, config.positive)
    const time = config.split.kind === 'time' ? config.split.column : undefined
    const options = { target: targetName, protect: config.protect, ...(time !== undefined && { time }) }
    const profile = await stage.remember('profile', [data.hash, table.schema, options, stages.context.seed], () =>
      profileTable(table, options, stages.context),
    )
    const reports = join(paths.out, 'reports')
    await writeFileAtomic(join(reports, 'profile.html'), renderProfileHtml(profile, problem))
    await writeFileAtomic(join(reports, 'profile.ipynb'), profileNotebook(profile, problem))
    await writeFileAtomic(join(reports, 'profile.json'), JSON.stringify(profile, null, 2))
    await writeFileAtomic(join(reports, 'problem.md'), problemStatement(problem, profile))
    return { problem, profile }
  })
}
