import { type Context, forkContext } from '../core/index.ts'
import { type ColumnSchema, columnOf, numberColumnOf } from '../data/index.ts'
import { type ColumnSummary, summarizeColumns } from '../evaluate/index.ts'
import { foldsOf } from '../prepare/index.ts'
import type { Problem } from '../problem/index.ts'
import { formatCount } from '../report/index.ts'
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
import type { LabelledRows } from './labelled-rows.ts'
import type { ProjectData } from './open-data.ts'
import type { Prepared } from './prepare-stage.ts'
import type { Stage, StageRunner } from './stage-runner.ts'

export interface TrainStageInput extends Prepared {
  readonly problem: Problem
  readonly config: ResolvedConfig
  readonly data: ProjectData
  readonly stages: StageRunner
}

/** A model, and what the rows were like that it was fitted on in the end. */
export interface Trained extends TrainedModel {
  readonly fittedRows: number
  readonly columns: readonly ColumnSummary[]
}

/** Phase 3: candidates compared on rows that they had not seen, the best refitted on all training rows. */
export function runTrainStage(input: TrainStageInput): Promise<Trained> {
  const { config, data, stages, problem } = input
  return stages.run('train', (stage) => {
    const key = [
      data.hash,
      data.table.schema,
      problem,
      config.split,
      config.drop,
      config.features,
      config.budgetMs ?? null,
      config.memoryMb,
      stages.context.seed,
    ]
    const context = forkContext(stages.context, 'train')
    return stage.remember('model', key, () => train(input, candidateCache(stage, key), context))
  })
}

async function train(input: TrainStageInput, cache: CandidateCache, context: Context): Promise<Trained> {
  const { config, data, problem, pool, schema } = input
  const { frame, target, rows } = input.train
  let fitted = { rowCount: rows.length, columns: summarizeColumns(frame, schema, [...frame.columns.keys()]) }
  const allRows = async (features: number): Promise<LabelledRows> => {
    const all = await readAllRows(input, features, context)
    fitted = { rowCount: all.rows.length, columns: summarizeColumns(all.frame, schema, [...all.frame.columns.keys()]) }
    return all
  }
  const trained = await trainModel(
    {
      problem,
      frame,
      schema,
      target,
      targetName: data.targetName,
      drop: data.drop,
      featureOverrides: config.features,
      timeSplit: config.split.kind === 'time',
      folds: planFolds(input),
      estimators: defaultEstimators(rows.length),
      cache,
      ...(rows.length < pool.rows.length && { allRows }),
      ...(config.budgetMs !== undefined && { budgetMs: config.budgetMs }),
    },
    context,
  )
  return { ...trained, fittedRows: fitted.rowCount, columns: fitted.columns }
}

/** The training rows for the last fit: as many as the memory budget holds. */
async function readAllRows(
  { pool, limits, schema, data, config }: TrainStageInput,
  features: number,
  context: Context,
): Promise<LabelledRows> {
  const columns = schema.columns.filter((column) => isTrainedOn(column, data, Object.keys(config.features)))
  const limit = limits.fitted(columns, features)
  if (limit < pool.rows.length)
    context.log.warn(
      `the model is fitted on a sample of ${formatCount(limit)} of ${formatCount(pool.rows.length)} training rows: memoryMb is ${config.memoryMb}`,
    )
  const names = columns.map(({ name }) => name)
  return await pool.sample(limit, context.rng.fork('fit sample'), names)
}

/** Identifiers and constants are no features unless the config makes them some. */
function isTrainedOn(
  { name, type }: ColumnSchema,
  { targetName, drop }: ProjectData,
  given: readonly string[],
): boolean {
  if (name === targetName || given.includes(name)) return true
  return type !== 'identifier' && type !== 'constant' && !drop.includes(name)
}

const FOLDS = 5

/** Folds of the same kind as the test split, so that the choice faces the same difficulty as the test. */
function planFolds({ config, problem, train, stages }: TrainStageInput): Fold[] {
  const { split } = config
  const { frame, target } = train
  const rows = new Uint32Array(frame.rowCount)
  for (let row = 0; row < rows.length; row++) rows[row] = row
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
