import { Worker } from 'node:worker_threads'
import { type Context, FivefoldError, throwIfCancelled, workerUrl } from '../../core/index.ts'
import type { FeatureMatrix, Target } from '../../data/index.ts'
import type { LinearModel } from './model.ts'
import { type LinearParams, parseLinearParams } from './params.ts'
import { type SharedProblem, shareProblem, toShared } from './shared-problem.ts'
import { type SolvedProblem, solveProblem } from './solve.ts'
import { checkTrainingData } from './training-data.ts'

export interface LinearTrainingData {
  readonly features: FeatureMatrix
  readonly target: Target
  /** One positive or zero weight a row; absent means 1. */
  readonly weights?: Float32Array
}

/** Below this many feature values (times scores) the whole fit takes less time than starting a thread. */
const IN_PLACE_VALUES = 20_000
/** A second thread pays from about this many values a pass. */
const VALUES_PER_THREAD = 500_000

/**
 * Trains logistic regression (two classes), softmax regression (more) or ridge / elastic net (numbers).
 * Runs on worker threads; the result does not depend on their number.
 * Throws OPTION_INVALID, TRAIN_INPUT (missing values, lengths, one class only) and CANCELLED.
 */
export async function trainLinear(
  data: LinearTrainingData,
  params: Partial<LinearParams>,
  context: Context,
): Promise<LinearModel> {
  const resolved = parseLinearParams(params)
  throwIfCancelled(context.signal)
  checkTrainingData(data)
  const { features, target } = data
  const kind = target.kind === 'number' ? 'regression' : target.classes.length === 2 ? 'binary' : 'multinomial'
  const classes = target.kind === 'classes' ? target.classes : []
  const scoreCount = kind === 'multinomial' ? classes.length : 1
  const values = features.rowCount * features.values.length * scoreCount
  const inPlace = values <= IN_PLACE_VALUES
  const share = inPlace ? <T>(array: T): T => array : toShared
  const problem = shareProblem({
    kind,
    params: resolved,
    scoreCount,
    rowCount: features.rowCount,
    columns: features.values.map(share),
    target: target.kind === 'number' ? share(target.values) : share(target.codes),
    weights: data.weights && share(data.weights),
  })
  const report = progressReporter(context, resolved.maxIterations)
  const threads = Math.max(1, Math.min(context.threads, Math.floor(values / VALUES_PER_THREAD)))
  const solved = inPlace
    ? solveProblem(problem, report)
    : await solveOnThreads(problem, threads, context.signal, report)
  const model = { kind, classes, featureNames: features.names, params: resolved, ...solved } as const
  checkSolution(model, context)
  return model
}

function progressReporter({ progress }: Context, total: number): (iteration: number, value: number) => void {
  return (done, value) => progress({ stage: 'linear', done, total, note: `objective ${value.toPrecision(6)}` })
}

function checkSolution(model: LinearModel, context: Context): void {
  if (!model.coefficients.every(Number.isFinite) || !model.intercepts.every(Number.isFinite))
    throw new FivefoldError('TRAIN_DIVERGED', 'the linear model has coefficients that are not finite')
  if (!model.converged)
    context.log.warn('the linear model did not converge; raise maxIterations or l2', { iterations: model.iterations })
}

type WorkerMessage = { readonly solved: SolvedProblem } | { readonly iteration: number; readonly value: number }

async function solveOnThreads(
  problem: SharedProblem,
  threads: number,
  signal: AbortSignal,
  report: (iteration: number, value: number) => void,
): Promise<SolvedProblem> {
  const start = (role: 'solver' | 'helper'): Worker =>
    new Worker(workerUrl(import.meta.url, 'linear-worker'), { workerData: { problem, role } })
  const solver = start('solver')
  const helpers = Array.from({ length: threads - 1 }, () => start('helper'))
  const team = [solver, ...helpers]
  let stop = (): void => {}
  try {
    return await new Promise((resolve, reject) => {
      const fail = (cause: unknown): void => reject(FivefoldError.from(cause))
      stop = () => reject(new FivefoldError('CANCELLED', 'training was interrupted', { cause: signal.reason }))
      signal.addEventListener('abort', stop)
      for (const worker of team) worker.once('error', fail)
      solver.once('exit', (code) => fail(new Error(`the training thread ended early with code ${code}`)))
      solver.on('message', (message: WorkerMessage) => {
        if ('solved' in message) resolve(message.solved)
        else report(message.iteration, message.value)
      })
    })
  } finally {
    signal.removeEventListener('abort', stop)
    await Promise.all(team.map((worker) => worker.terminate()))
  }
}
