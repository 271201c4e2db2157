import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FivefoldError } from '../../../../core/index.ts'
import { predictBoosting } from '../../predictor/predict.ts'
import { damaged } from '../damaged.reference.ts'
import { differenceFrom, readGolden } from '../golden.reference.ts'
import { boostingModelFromCatboost } from './read-catboost.ts'

const { writtenBy, matrix, cases } = readGolden('catboost')
/** Leaf values become float32. */
const TOLERANCE = 1e-6

const textOf = (name: string): string => JSON.stringify(cases.find((golden) => golden.name === name)!.json)
const binary = textOf('binary')

describe(`models of ${writtenBy}`, () => {
  it.each(cases)('$name', (golden) => {
    const model = boostingModelFromCatboost(JSON.stringify(golden.json))
    expect(differenceFrom(golden, model, matrix)).toBeLessThan(TOLERANCE)
    expect(model.featureNames).toEqual(matrix.names)
    expect(model.categoricalFeatures).toEqual(golden.name.startsWith('one-hot') ? ['colour'] : [])
    expect(model.params).toMatchObject({ rounds: 4, learningRate: 0.5 })
  })

  it('keep the numbers of their losses', () => {
    expect(boostingModelFromCatboost(textOf('quantile')).params.quantile).toBe(0.7)
    expect(boostingModelFromCatboost(textOf('Huber')).params.huberDelta).toBe(1)
  })
})

describe('what CatBoost can and is not taken', () => {
  const refusals: [string, string, string][] = [
    ['statistics of categories', 'OnlineCtr', binary.replace('"FloatFeature"', '"OnlineCtr"')],
    ['one against the others', 'MultiClassOneVsAll', binary.replace('"type":"Logloss"', '"type":"MultiClassOneVsAll"')],
    ['categories by names', "category 'red'", textOf('one-hot').replace(/"value":"[0-9]"/g, '"value":"red"')],
    ['categories without names', 'which category', textOf('one-hot').replace(/"cat_features_hash":\[.*?\]/, '"a":[]')],
  ]
  it.each(refusals)('%s', (_, message, text) => {
    expect(() => boostingModelFromCatboost(text)).toThrow(
      expect.objectContaining({ code: 'MODEL_UNSUPPORTED', message: expect.stringContaining(message) }),
    )
  })
})

describe('damaged files', () => {
  const level = '{"border":0,"float_feature_index":0,"split_index":0,"split_type":"FloatFeature"}'
  const damages: [string, string, string][] = [
    [
      'leaves that are missing',
      'leaf_values is not 8 numbers',
      binary.replace(/"leaf_values":\[[^,]*,/, '"leaf_values":['),
    ],
    [
      'a feature that is not there',
      'not there',
      binary.replace(/"float_feature_index":\d/, '"float_feature_index":77'),
    ],
    [
      'a column without end',
      'flat_feature_index',
      binary.replace(/"flat_feature_index":0/, '"flat_feature_index":4e9'),
    ],
    ['levels without end', '40 levels', binary.replace(/"splits":\[/, `"splits":[${`${level},`.repeat(37)}`)],
    ['no bias', 'scale_and_bias', binary.replace(/"scale_and_bias":.*?\]\]/, '"scale_and_bias":[1]')],
    ['a node without children', 'tree 0.right', textOf('by leaf').replace(/"right"/, '"wrong"')],
  ]
  it.each(damages)('%s', (_, message, text) => {
    expect(() => boostingModelFromCatboost(text)).toThrow(
      expect.objectContaining({ code: 'MODEL_UNREADABLE', message: expect.stringContaining(message) }),
    )
  })

  it('are refused or read, never anything else', () => {
    const files = ['classes', 'one-hot', 'by leaf'].map((name) => Buffer.from(textOf(name)))
    fc.assert(
      fc.property(fc.constantFrom(...files), damaged, (bytes, damage) => {
        try {
          predictBoosting(boostingModelFromCatboost(damage(bytes)), matrix)
        } catch (error) {
          // Features that changed their names do not fit the rows.
          expect(error).toBeInstanceOf(FivefoldError)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
