import { writeFile } from 'node:fs/promises'
import { createContext } from 'fivefold'
import {
  boostingModelFromLightgbm,
  boostingModelFromXgboost,
  boostingModelToLightgbm,
  boostingModelToXgboost,
  createRowScorer,
  trainBoosting,
} from 'fivefold/boosting'
import type { FeatureMatrix } from 'fivefold/data'

const context = createContext({ seed: 7, threads: 2 })
const rowCount = 2000
const uniform = () => Float32Array.from({ length: rowCount }, () => context.rng.next())
const features: FeatureMatrix = { rowCount, names: ['a', 'b'], values: [uniform(), uniform()] }
const [a, b] = features.values
const codes = Int32Array.from({ length: rowCount }, (_, i) => Number(a![i]! * b![i]! > 0.25))
const target = { kind: 'classes' as const, classes: ['stays', 'leaves'], codes }
const model = await trainBoosting({ features, target }, { rounds: 40 }, context)

// One row at a time, in about a microsecond: a probability for each class.
const scoreRow = createRowScorer(model)
console.log('leaves with', scoreRow([0.9, 0.4])[1])

// For Python: xgboost.Booster(model_file='model.ubj'), lightgbm.Booster(model_file='model.txt').
await writeFile('model.ubj', boostingModelToXgboost(model, 'ubj'))
await writeFile('model.txt', boostingModelToLightgbm(model))

// What those libraries save comes back; class names as well where it was ours.
const fromXgboost = boostingModelFromXgboost(boostingModelToXgboost(model, 'json'))
const fromLightgbm = boostingModelFromLightgbm(boostingModelToLightgbm(model))
for (const read of [fromXgboost, fromLightgbm]) console.log(read.classes, createRowScorer(read)([0.9, 0.4])[1])
