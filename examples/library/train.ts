import { boostingEstimator, createContext, linearEstimator, openTable } from 'fivefold'
import { inferProblem } from 'fivefold/analyze'
import { createPredictor } from 'fivefold/bundle'
import { columnOf, takeRows, targetFromColumn } from 'fivefold/data'
import { foldsOf } from 'fivefold/prepare'
import { trainModel } from 'fivefold/train'
import { nearestMean } from './nearest-mean.ts'

const context = createContext({ seed: 7, threads: 2 })
await using table = await openTable({ location: 'node_modules/vega-datasets/data/seattle-weather.csv' })
const { schema } = table
const problem = await inferProblem(table, { target: 'weather' })
const frame = await table.read()
const targetColumn = schema.columns.find((column) => column.name === 'weather')!
const target = targetFromColumn(columnOf(frame, 'weather'), targetColumn, problem.task)

// Every candidate meets the same folds; features are fitted anew on the training part of each.
const rows = Uint32Array.from({ length: frame.rowCount }, (_, row) => row)
const folds = foldsOf(rows, { k: 3, stratify: target }, context.rng.fork('folds'))
const boosting = boostingEstimator('boosting', { rounds: 60, earlyStoppingRounds: 10 })
const estimators = [nearestMean, linearEstimator('linear', { l2: 1 }), boosting]
const data = { frame, schema, target, targetName: 'weather', drop: [] }
const trained = await trainModel({ ...data, problem, folds, estimators }, context)
for (const { estimator, metrics } of trained.leaderboard) console.log(estimator, metrics.logLoss)

// The answer is one graph from raw columns to probabilities.
console.log(`${trained.model.length} bytes take ${trained.inputs.map((input) => input.name).join(', ')}`)
await using predictor = await createPredictor({ ...trained, problem })
console.log((await predictor.predict(takeRows(frame, Uint32Array.of(0, 1)))).labels)
