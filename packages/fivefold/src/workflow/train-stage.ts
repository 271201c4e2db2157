import { forkContext } from '../core/index.ts'
import { columnOf, numberColumnOf } from '../data/index.ts'
import { foldsOf } from '../prepare/index.ts'
import type { Problem } from '../problem/index.ts'
import {
  type CandidateCache,
  type CandidateResult,
  CROSS_VALIDATION_ROWS,
  defaultEstimators,
  type Fold,
  type TrainedModel,
  trainModel,
} from '../train/index.ts'
import type { ResolvedConfig } from './config.ts'
import type { ProjectData } from './open-data.ts'
import type { Prepared } from './prepare-stage.ts'
import type { Stage, StageRunner } from './stage-runner.ts'

export interface TrainStageInput extends Prepared {
  readonly problem: Problem
  readonly config: ResolvedConfig
  readonly data: ProjectData
  readonly stages: StageRunner
}

/** Phase 3: candidates compared on rows that they had not seen, the best refitted on all training rows. */
export function runTrainStage(input: TrainStageInput): Promise<TrainedModel> {
  const { config, data, stages, problem } = input
  return stages.run('train', (stage) => {
    const rows = input.train.frame.rowCount
    const key = [
      data.hash,
      data.table.schema,
      problem,
      config.split,
      config.drop,
      config.features,
      config.budgetMs ?? null,
      stages.context.seed,
    ]
    return stage.remember('model', key, () =>
      trainModel(
        {
          problem,
          frame: input.train.frame,
          schema: input.schema,
          target: input.train.target,
          targetName: data.targetName,
          drop: data.drop,
          featureOverrides: config.features,
          timeSplit: config.split.kind === 'time',
          folds: planFolds(input),
          estimators: defaultEstimators(rows),
          cache: candidateCache(stage, key),
          ...(config.budgetMs !== undefined && { budgetMs: config.budgetMs }),
        },
        forkContext(stages.context, 'train'),
      ),
    )
  })
}

const FOLDS = 5

/** Folds of the same kind as the test split, so that the choice faces the same difficulty as the test. */
function planFolds({ config, problem, train, stages }: TrainStageInput): Fold[] {
  const { split } = config
  const { frame, target } = train
  const rows = Uint32Array.from({ length: frame.rowCount }, (_, row) => row)
  const folds = foldsOf(
    rows,
    {
      k: FOLDS,
      ...(problem.task === 'classification' && split.kind !== 'time' && { stratify: target }),
      ...(split.kind === 'time' && { time: numberColumnOf(frame, split.column) }),
      ...(split.kind === 'group' && { groups: columnOf(frame, split.column) }),
    },
    stages.context.rng.fork('folds'),
  )
  // Of time folds the last has the longest past; where rows are plenty one held-out part tells as much as five.
  return frame.rowCount > CROSS_VALIDATION_ROWS ? folds.slice(-1) : folds
}

function candidateCache(stage: Stage, key: readonly unknown[]): CandidateCache {
  return {
    get: (estimator) => stage.lookUp<CandidateResult>('candidate', [...key, estimator]),
    put: (estimator, result) => stage.keep('candidate', [...key, estimator], result),
  }
}
