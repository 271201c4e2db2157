import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '../../../core/index.ts'
import { probingRows, randomModel } from '../interchange/random-model.reference.ts'
import { OBJECTIVE_NAMES } from '../loss/objective.ts'
import { predictBoosting } from '../predictor/predict.ts'
import { boostingModelFromJson, boostingModelToJson } from './model-json.ts'

interface Fixture {
  readonly model: { readonly format: string }
  readonly rows: readonly (readonly (number | null)[])[]
  readonly probabilities: readonly number[]
}

describe('models as JSON', () => {
  it('come back as they were, with categories and any objective', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.constantFrom(...OBJECTIVE_NAMES), (seed, objective) => {
        const model = randomModel(createRng(seed), objective)
        const back = boostingModelFromJson(JSON.parse(JSON.stringify(boostingModelToJson(model))))
        expect(back).toEqual(model)
        const rows = probingRows(createRng(seed), 20)
        expect(predictBoosting(back, rows)).toEqual(predictBoosting(model, rows))
      }),
    )
  })

  it('of the first format predict what they did', () => {
    const path = new URL('./fixtures/boosting-1.json', import.meta.url)
    const { model: json, rows, probabilities } = JSON.parse(readFileSync(path, 'utf8')) as Fixture
    expect(json.format).toBe('fivefold.boosting/1')
    const model = boostingModelFromJson(json)
    const values = model.featureNames.map((_, f) => Float32Array.from(rows, (row) => row[f] ?? Number.NaN))
    const predicted = predictBoosting(model, { rowCount: rows.length, names: model.featureNames, values })
    expect(predicted).toEqual({
      kind: 'classes',
      classes: ['x', 'y', 'z'],
      probabilities: Float64Array.from(probabilities),
    })
    expect(boostingModelToJson(model).format).toBe('fivefold.boosting/2')
  })
})
