import { type Context, createContext, createRng, FivefoldError } from '../core/index.ts'
import { allocateFeature, type FeatureMatrix, type Predictions, type Target } from '../data/index.ts'
import { createGraphBuilder, createSession } from '../onnx/index.ts'
import type { Estimator, FittedEstimator, LabelledMatrix } from '../train/index.ts'
import { type ContractCase, demand } from './contract.ts'

/**
 * What every estimator must do to stand on a leaderboard. Run it from your own tests:
 * `for (const { name, check } of estimatorContract) it(name, () => check(myEstimator))`.
 */
export const estimatorContract: readonly ContractCase<Estimator>[] = [
  { name: 'learns a signal that a constant cannot', check: learns },
  { name: 'gives one finite prediction a row, and probabilities that sum to 1', check: predictionsAreWellFormed },
  { name: 'gives the same predictions for the same seed, at any number of threads', check: isDeterministic },
  { name: 'compiles to a graph that predicts the same', check: graphAgrees },
  { name: 'has importances of features that exist, none negative, summing to at most 1', check: importancesAreShares },
  { name: 'stops with CANCELLED where the signal is aborted', check: isCancellable },
]

const ROWS = 400

/** x0 decides, x1 helps, x2 is noise. Without gaps, since linear models take none. */
function exampleMatrix(seed: number): FeatureMatrix {
  const rng = createRng(seed)
  const values = Array.from({ length: 3 }, () => {
    const feature = allocateFeature(ROWS)
    for (let row = 0; row < ROWS; row++) feature[row] = rng.normal()
    return feature
  })
  return { rowCount: ROWS, names: ['x0', 'x1', 'x2'], values }
}

function exampleData(task: Estimator['tasks'][number], seed: number): LabelledMatrix {
  const features = exampleMatrix(seed)
  const signal = Float64Array.from(
    { length: ROWS },
    (_, row) => 2 * features.values[0]![row]! + features.values[1]![row]!,
  )
  const target: Target =
    task === 'regression'
      ? { kind: 'number', values: signal }
      : { kind: 'classes', classes: ['no', 'yes'], codes: Int32Array.from(signal, (value) => Number(value > 0)) }
  return { features, target }
}

async function forEachTask(
  estimator: Estimator,
  work: (data: LabelledMatrix, fit: (context?: Context) => Promise<FittedEstimator>) => Promise<void>,
): Promise<void> {
  for (const task of estimator.tasks) {
    const data = exampleData(task, 1)
    await work(data, (context = createContext({ threads: 1 })) =>
      estimator.fit({ ...data, validation: exampleData(task, 2) }, context),
    )
  }
}

const valuesOf = (predictions: Predictions): Float64Array =>
  predictions.kind === 'number' ? predictions.values : predictions.probabilities

/** Mean squared error of numbers, or of the positive probability. */
function squaredError(target: Target, predictions: Predictions): number {
  let sum = 0
  for (let row = 0; row < ROWS; row++) {
    const actual = target.kind === 'number' ? target.values[row]! : target.codes[row]!
    const predicted = predictions.kind === 'number' ? predictions.values[row]! : predictions.probabilities[2 * row + 1]!
    sum += (actual - predicted) ** 2
  }
  return sum / ROWS
}

async function learns(estimator: Estimator): Promise<void> {
  await forEachTask(estimator, async ({ features, target }, fit) => {
    const error = squaredError(target, await (await fit()).predict(features))
    const constantError = target.kind === 'number' ? 5 : 0.25
    demand(error < constantError / 2, `squared error ${error} is not half of a constant's ${constantError}`)
  })
}

async function predictionsAreWellFormed(estimator: Estimator): Promise<void> {
  await forEachTask(estimator, async ({ features }, fit) => {
    const predictions = await (await fit()).predict(features)
    const values = valuesOf(predictions)
    const width = predictions.kind === 'number' ? 1 : predictions.classes.length
    demand(values.length === ROWS * width, `${values.length} values for ${ROWS} rows`)
    demand(values.every(Number.isFinite), 'a prediction is not finite')
    if (predictions.kind === 'number') return
    for (let row = 0; row < ROWS; row++) {
      const sum = values.subarray(row * width, (row + 1) * width).reduce((total, value) => total + value, 0)
      demand(Math.abs(sum - 1) < 1e-6, `probabilities of row ${row} sum to ${sum}`)
    }
  })
}

async function isDeterministic(estimator: Estimator): Promise<void> {
  await forEachTask(estimator, async ({ features }, fit) => {
    const runs: Float64Array[] = []
    for (const threads of [1, 1, 2])
      runs.push(valuesOf(await (await fit(createContext({ threads, seed: 3 }))).predict(features)))
    for (const run of runs)
      demand(
        run.every((value, i) => Object.is(value, runs[0]![i])),
        'two fits with one seed differ',
      )
  })
}

const GRAPH_TOLERANCE = 1e-5

async function graphAgrees(estimator: Estimator): Promise<void> {
  await forEachTask(estimator, async ({ features }, fit) => {
    const fitted = await fit()
    const expected = valuesOf(await fitted.predict(features))
    const actual = await runGraph(fitted, features)
    demand(actual.length === expected.length, `the graph gives ${actual.length} values, predict ${expected.length}`)
    for (const [i, value] of expected.entries()) {
      const allowed = GRAPH_TOLERANCE * Math.max(1, Math.abs(value))
      demand(Math.abs(value - actual[i]!) <= allowed, `value ${i}: the graph says ${actual[i]}, predict ${value}`)
    }
  })
}

async function runGraph(fitted: FittedEstimator, features: FeatureMatrix): Promise<Float32Array> {
  const width = features.values.length
  const builder = createGraphBuilder({ name: 'contract' })
  const output = fitted.compile(builder, builder.input('matrix', 'float', ['N', width]))
  builder.output('output', output, 'float', ['N', 'K'])
  const data = new Float32Array(ROWS * width)
  for (let row = 0; row < ROWS; row++) for (let f = 0; f < width; f++) data[row * width + f] = features.values[f]![row]!
  await using session = await createSession(builder.build())
  const results = await session.run({ matrix: { type: 'float', shape: [ROWS, width], data } })
  const result = results.output!
  demand(result.type === 'float', `the graph's output is ${result.type}, not float`)
  return result.data
}

async function importancesAreShares(estimator: Estimator): Promise<void> {
  await forEachTask(estimator, async ({ features }, fit) => {
    const importance = (await fit()).importance()
    const unknown = importance.find(({ name }) => !features.names.includes(name))
    demand(unknown === undefined, `importance of a feature that is not there: ${unknown?.name}`)
    demand(
      importance.every(({ share }) => share >= 0),
      'a negative importance',
    )
    demand(importance.reduce((sum, { share }) => sum + share, 0) <= 1 + 1e-9, 'importances sum to more than 1')
  })
}

async function isCancellable(estimator: Estimator): Promise<void> {
  await forEachTask(estimator, async (_, fit) => {
    const error = await fit(createContext({ signal: AbortSignal.abort() })).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    demand(error instanceof FivefoldError && error.code === 'CANCELLED', `expected CANCELLED, got ${String(error)}`)
  })
}
