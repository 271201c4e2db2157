import { join } from 'node:path'
import { type BundleManifest, openBundle } from '../bundle/index.ts'
import { FivefoldError } from '../core/index.ts'
import type { Evaluation } from '../evaluate/index.ts'
import { METRICS } from '../metrics/index.ts'
import { formatInterval, formatNumber } from '../report/index.ts'
import type { ModelVersion } from '../track/index.ts'
import type { ResolvedConfig } from './config.ts'
import type { ProjectData } from './open-data.ts'
import type { RunPaths } from './run-paths.ts'
import type { StageRunner } from './stage-runner.ts'
import type { TrackedRun } from './tracked-run.ts'

export interface RegisterInput {
  readonly config: ResolvedConfig
  readonly paths: RunPaths
  readonly data: ProjectData
  readonly stages: StageRunner
  readonly run: TrackedRun
  readonly evaluation: Evaluation
}

export interface Registered {
  /** `name/version`. */
  readonly version: string
  /** Why the version is not the `champion`, where it is not. */
  readonly warning?: string
}

/**
 * The bundle becomes a version of the model. It also becomes the `champion` where its criteria are met and it is not
 * worse than the present one: beyond the 95% interval that the champion was measured with.
 */
export function runRegisterStage({ config, paths, data, stages, run, evaluation }: RegisterInput): Promise<Registered> {
  return stages.run('register', async () => {
    const { metrics } = evaluation
    for (const [name, measured] of Object.entries(metrics)) run.sink.metric(`test.${name}`, measured.value)
    run.sink.artifact('reports', join(paths.out, 'reports'))
    const folder = join(paths.out, 'model')
    const champion = await presentChampion(run, config.name)
    const { version } = await run.store.registerModel(config.name, folder, {
      metrics,
      ...(run.id !== undefined && { runId: run.id }),
    })
    const objection = (await otherProblem(evaluation, champion)) ?? objectionTo(evaluation, champion)
    if (objection === undefined) await run.store.setAlias(config.name, 'champion', version)
    const name = `${config.name}/${version}`
    const isChampion = objection === undefined
    await run.store.setVersionTag(config.name, version, 'fivefold.dataHash', data.hash)
    run.sink.tag('fivefold.modelVersion', name)
    const tags = { 'fivefold.dataHash': data.hash, 'fivefold.localVersion': name }
    run.model(folder, { name: config.name, tags, aliases: isChampion ? ['champion'] : [] })
    return objection === undefined
      ? { version: name }
      : { version: name, warning: `${name} is not the champion: ${objection}` }
  })
}

async function presentChampion({ store }: TrackedRun, name: string): Promise<ModelVersion | undefined> {
  const models = await store.listModels()
  const versions = models.find((model) => model.name === name)?.versions ?? []
  const isThere = versions.some(({ aliases }) => aliases.includes('champion'))
  // Files that a client uploaded one by one are joined to a bundle when the version is resolved.
  return isThere ? await store.resolveModel(`${name}@champion`) : undefined
}

/** Models of different questions may share a name by accident; their metrics must not be compared. */
async function otherProblem(evaluation: Evaluation, champion: ModelVersion | undefined): Promise<string | undefined> {
  if (!champion) return undefined
  const problem = await problemOf(champion)
  if (problem === undefined)
    return `version ${champion.version} is no bundle of Fivefold's, so the two cannot be compared; move the alias yourself, or give this model another --name`
  const questionOf = ({ task, target, classes }: Pick<Evaluation, 'task' | 'target' | 'classes'>): string =>
    JSON.stringify([task, target, [...classes].sort()])
  if (questionOf(problem) === questionOf(evaluation)) return undefined
  return `version ${champion.version} predicts '${problem.target}' (${problem.task}); give this model another --name`
}

/** Undefined where the version holds a model of another make: MLflow's clients register any. */
async function problemOf({ bundlePath }: ModelVersion): Promise<BundleManifest['problem'] | undefined> {
  try {
    return (await openBundle(bundlePath)).manifest.problem
  } catch (error) {
    if (error instanceof FivefoldError && error.code === 'MODEL_NOT_FOUND') return undefined
    throw error
  }
}

function objectionTo(
  { criteria, metric, metrics }: Evaluation,
  champion: ModelVersion | undefined,
): string | undefined {
  const missed = criteria.filter((criterion) => !criterion.met).map((criterion) => criterion.metric)
  if (missed.length > 0) return `it misses the criterion on ${missed.join(', ')}`
  const before = champion?.metrics[metric]
  const now = metrics[metric]
  if (!champion || !before || !now) return undefined
  const isWorse = METRICS[metric].higherIsBetter ? now.value < before.low : now.value > before.high
  if (!isWorse) return undefined
  return `its ${metric} of ${formatNumber(now.value)} is worse than that of version ${champion.version}, ${formatInterval(before)}`
}
