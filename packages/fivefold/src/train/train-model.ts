import { type Context, FivefoldError, forkContext, throwIfCancelled } from '../core/index.ts'
import type { Predictions } from '../data/index.ts'
import type { Problem } from '../problem/index.ts'
import { type AssembledModel, assembleModel } from './assemble.ts'
import { measureConstraints } from './constraints.ts'
import type { Estimator, FeatureImportance, FittedEstimator } from './estimator.ts'
import { type Fold, prepareFold, prepareRows, type TrainingRows } from './fold-data.ts'
import { type HeldOut, heldOutTarget, joinHeldOut } from './held-out.ts'
import { type LeaderboardEntry, rankLeaderboard } from './leaderboard.ts'
import { chooseThreshold, scorePredictions } from './score.ts'

/** Keeps what a candidate reached, so that an interrupted run goes on with the next one. Values are plain data. */
export interface CandidateCache {
  get(estimator: string): Promise<CandidateResult | undefined>
  put(estimator: string, result: CandidateResult): Promise<void>
}

export interface CandidateResult {
  readonly entry: LeaderboardEntry
  readonly heldOut: HeldOut
  /** What the refit on all rows uses in place of early stopping. */
  readonly rounds?: number
}

export interface TrainOptions extends TrainingRows {
  readonly problem: Problem
  /** One fold is a holdout, several are cross-validation. */
  readonly folds: readonly Fold[]
  readonly estimators: readonly Estimator[]
  /** No further candidate is started after this time; the first one always runs. Makes the choice depend on the clock. */
  readonly budgetMs?: number
  readonly cache?: CandidateCache
}

export interface TrainedModel extends AssembledModel {
  readonly estimator: string
  readonly params: FittedEstimator['params']
  readonly threshold: number | null
  readonly leaderboard: readonly LeaderboardEntry[]
  readonly features: readonly { step: string; inputs: readonly string[]; outputs: readonly string[] }[]
  readonly importance: readonly FeatureImportance[]
  /** The chosen candidate's predictions for rows that it had not seen. */
  readonly heldOut: HeldOut
}

/**
 * Compares candidates on held-out rows, chooses by the problem's metric among those that meet its constraints, refits
 * the choice on all rows, and assembles one graph from raw columns to the answer.
 *
 * @throws TRAIN_NO_CANDIDATE where none finishes within budget and constraints; what the engines throw; CANCELLED.
 */
export async function trainModel(options: TrainOptions, context: Context): Promise<TrainedModel> {
  const results = await compareCandidates(options, context)
  const leaderboard = rankLeaderboard(
    [...results.values()].map((result) => result.entry),
    options.problem.metric,
  )
  const best = leaderboard[0]
  if (!best || best.excluded) throw noCandidate(leaderboard)
  const { heldOut, rounds } = results.get(best.estimator)!
  const threshold = chooseThreshold(options.problem, heldOutTarget(options.target, heldOut), heldOut.predictions)
  const estimator = options.estimators.find((candidate) => candidate.name === best.estimator)!
  context.progress({
    stage: 'train',
    done: options.estimators.length,
    total: options.estimators.length + 1,
    note: `refit ${best.estimator} on all rows`,
  })
  const all = await prepareRows(options, estimator.features, context)
  const refit = rounds !== undefined && estimator.withRounds ? estimator.withRounds(rounds) : estimator
  const fitted = await refit.fit(all, forkContext(context, `refit/${estimator.name}`))
  return {
    ...assembleModel(options.problem, all.fitted, fitted, threshold),
    estimator: fitted.estimator,
    params: fitted.params,
    threshold,
    leaderboard,
    features: all.fitted.describe(),
    importance: fitted.importance(),
    heldOut,
  }
}

function noCandidate(leaderboard: readonly LeaderboardEntry[]): FivefoldError {
  const issues = leaderboard.map((entry) => ({ path: [entry.estimator], message: entry.excluded ?? 'not finished' }))
  return new FivefoldError('TRAIN_NO_CANDIDATE', 'no candidate meets the constraints', { issues })
}

/** Family by family, so that the feature matrices of one family are fitted once for each fold and freed before the next. */
async function compareCandidates(options: TrainOptions, context: Context): Promise<Map<string, CandidateResult>> {
  const results = new Map<string, CandidateResult>()
  const startedMs = context.clock.monotonicMs()
  const total = options.estimators.length + 1
  for (const family of ['linear', 'tree'] as const) {
    const preparedFolds = memoize((fold: Fold) => prepareFold(options, fold, family, context))
    for (const estimator of options.estimators) {
      if (estimator.features !== family) continue
      throwIfCancelled(context.signal)
      if (
        results.size > 0 &&
        context.clock.monotonicMs() - startedMs > (options.budgetMs ?? Number.POSITIVE_INFINITY)
      ) {
        context.log.warn(`budget used up: ${estimator.name} is not tried`)
        continue
      }
      context.progress({ stage: 'train', done: results.size, total, note: estimator.name })
      const cached = await options.cache?.get(estimator.name)
      const result = cached ?? (await judgeCandidate(options, estimator, preparedFolds, context))
      if (!cached) await options.cache?.put(estimator.name, result)
      results.set(estimator.name, result)
    }
  }
  return results
}

async function judgeCandidate(
  options: TrainOptions,
  estimator: Estimator,
  preparedFold: (fold: Fold) => ReturnType<typeof prepareFold>,
  context: Context,
): Promise<CandidateResult> {
  const { problem, folds } = options
  const parts: Predictions[] = []
  const rounds: number[] = []
  let fitMs = 0
  let measured: Awaited<ReturnType<typeof measureConstraints>> | undefined
  for (const [index, fold] of folds.entries()) {
    const { train, validation } = await preparedFold(fold)
    const startedMs = context.clock.monotonicMs()
    const fitted = await estimator.fit({ ...train, validation }, forkContext(context, `${estimator.name}/fold${index}`))
    fitMs += context.clock.monotonicMs() - startedMs
    parts.push(fitted.predict(validation.features))
    if (fitted.rounds !== undefined) rounds.push(fitted.rounds)
    measured ??= await measureConstraints(
      assembleModel(problem, train.fitted, fitted, binaryThreshold(problem)),
      problem,
      options.frame,
    )
  }
  const heldOut = joinHeldOut(problem, folds, parts)
  const target = heldOutTarget(options.target, heldOut)
  const threshold = chooseThreshold(problem, target, heldOut.predictions)
  const metrics = scorePredictions(target, heldOut.predictions, threshold, context.seed)
  const entry = { estimator: estimator.name, metrics, fitSeconds: fitMs / 1000, params: {}, ...measured! }
  return { entry, heldOut, ...(rounds.length > 0 && { rounds: refitRounds(rounds, folds) }) }
}

/** Any threshold serves where only size and speed of the graph matter. */
const binaryThreshold = (problem: Problem): number | null => (problem.classes.length === 2 ? 0.5 : null)

/** More rows bear more rounds: the mean of the folds, scaled by how many more rows the refit sees, at most by a quarter. */
function refitRounds(rounds: readonly number[], folds: readonly Fold[]): number {
  const mean = rounds.reduce((sum, count) => sum + count, 0) / rounds.length
  const { train, validation } = folds[0]!
  const growth = Math.min(1.25, (train.length + validation.length) / train.length)
  return Math.max(1, Math.round(mean * growth))
}

function memoize<K, V>(compute: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>()
  return (key) => {
    let value = known.get(key)
    if (value === undefined) {
      value = compute(key)
      known.set(key, value)
    }
    return value
  }
}
