import {
  type ChildRun,
  type Context,
  FivefoldError,
  forkContext,
  type RunSink,
  throwIfCancelled,
} from '../core/index.ts'
import type { Predictions } from '../data/index.ts'
import type { Problem } from '../problem/index.ts'
import { type AssembledModel, assembleModel } from './assemble.ts'
import { measureConstraints } from './constraints.ts'
import type { Estimator, FeatureImportance, FittedEstimator } from './estimator.ts'
import { type Fold, type PreparedRows, prepareFold, prepareRows, type TrainingRows } from './fold-data.ts'
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
  /** How many features the candidate was given. */
  readonly features: number
  /** Mean over the folds of the rounds that early stopping chose. */
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
  /**
   * The rows of the last fit, where those above are a sample of them. Asked for once, when the candidate is chosen, so
   * that they need not be in memory before.
   *
   * @param features how many the chosen candidate was given
   */
  readonly allRows?: (features: number) => Promise<Pick<TrainingRows, 'frame' | 'target'>>
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
  const { heldOut, rounds, features } = results.get(best.estimator)!
  const threshold = chooseThreshold(options.problem, heldOutTarget(options.target, heldOut), heldOut.predictions)
  const estimator = options.estimators.find((candidate) => candidate.name === best.estimator)!
  context.progress({
    stage: 'train',
    done: options.estimators.length,
    total: options.estimators.length + 1,
    note: `refit ${best.estimator} on all rows`,
  })
  const all = await prepareAllRows(options, estimator, features, context)
  const refit = rounds === undefined ? estimator : lengthened(estimator, rounds, options, all.features.rowCount)
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

function lengthened(estimator: Estimator, meanRounds: number, { folds, frame }: TrainOptions, rows: number): Estimator {
  return estimator.withRounds?.(refitRounds(meanRounds, folds, frame.rowCount, rows)) ?? estimator
}

/** A function of its own, so that nothing holds the columns once features are made of them. */
async function prepareAllRows(
  options: TrainOptions,
  estimator: Estimator,
  features: number,
  context: Context,
): Promise<PreparedRows> {
  const all = await options.allRows?.(features)
  return prepareRows(all ? { ...options, ...all } : options, estimator.features, context)
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
      const result = await recorded(estimator.name, cached, context, (run) =>
        judgeCandidate(options, estimator, preparedFolds, { ...context, run }),
      )
      if (!cached) await options.cache?.put(estimator.name, result)
      results.set(estimator.name, result)
    }
  }
  return results
}

/** A run inside the present one for a candidate, with what it reached. */
async function recorded(
  name: string,
  cached: CandidateResult | undefined,
  context: Context,
  judge: (run: RunSink) => Promise<CandidateResult>,
): Promise<CandidateResult> {
  const run = context.run.child(name, { 'fivefold.candidate': name, 'fivefold.cached': String(cached !== undefined) })
  return endedRun(run, async () => {
    const result = cached ?? (await judge(run))
    const { metrics, fitSeconds, sizeBytes, excluded } = result.entry
    for (const [metric, { value }] of Object.entries(metrics)) run.metric(`validation.${metric}`, value)
    run.metric('fitSeconds', fitSeconds)
    run.metric('sizeBytes', sizeBytes)
    if (excluded !== undefined) run.tag('fivefold.excluded', excluded)
    return result
  })
}

async function endedRun<T>(run: ChildRun, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work()
    run.end()
    return result
  } catch (error) {
    run.end(FivefoldError.from(error).code === 'CANCELLED' ? 'killed' : 'failed')
    throw error
  }
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
  let features = 0
  let measured: Awaited<ReturnType<typeof measureConstraints>> | undefined
  for (const [index, fold] of folds.entries()) {
    const { train, validation } = await preparedFold(fold)
    const startedMs = context.clock.monotonicMs()
    const run = context.run.child(`${estimator.name} fold ${index}`, { 'fivefold.fold': String(index) })
    const fitted = await endedRun(run, () =>
      estimator.fit({ ...train, validation }, forkContext(context, `${estimator.name}/fold${index}`, { run })),
    )
    fitMs += context.clock.monotonicMs() - startedMs
    parts.push(await fitted.predict(validation.features))
    features = Math.max(features, train.features.names.length)
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
  const meanRounds = rounds.reduce((sum, count) => sum + count, 0) / rounds.length
  return { entry, heldOut, features, ...(rounds.length > 0 && { rounds: meanRounds }) }
}

/** Any threshold serves where only size and speed of the graph matter. */
const binaryThreshold = (problem: Problem): number | null => (problem.classes.length === 2 ? 0.5 : null)

/** Where candidates were compared on a sample, twice as many rows bear a tenth more rounds. */
const GROWTH_BEYOND_SAMPLE = 0.15

/**
 * More rows bear more rounds: the mean of the folds, scaled by how many more rows they have together than each was trained
 * on, at most by a quarter; more slowly for rows beyond the sample that was compared on.
 */
function refitRounds(meanRounds: number, folds: readonly Fold[], comparedRows: number, rows: number): number {
  const { train, validation } = folds[0]!
  const growth = Math.min(1.25, (train.length + validation.length) / train.length)
  const beyond = Math.max(1, rows / comparedRows) ** GROWTH_BEYOND_SAMPLE
  return Math.max(1, Math.round(meanRounds * growth * beyond))
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
