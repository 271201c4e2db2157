import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng, FivefoldError } from '../../../../core/index.ts'
import { OBJECTIVE_NAMES } from '../../loss/objective.ts'
import { predictBoosting } from '../../predictor/predict.ts'
import { scoreRows } from '../../predictor/score-rows.ts'
import { damaged } from '../damaged.reference.ts'
import { differenceFrom, readGolden } from '../golden.reference.ts'
import { probingRows, randomModel } from '../random-model.reference.ts'
import { boostingModelFromLightgbm } from './read-lightgbm.ts'
import { boostingModelToLightgbm } from './write-lightgbm.ts'

const { writtenBy, matrix, cases, categorical } = readGolden('lightgbm')
/** Leaf values become float32. */
const TOLERANCE = 1e-6
const textOf = (name: string): string => cases.find((golden) => golden.name === name)!.text!
const binary = textOf('binary')

describe(`models of ${writtenBy}`, () => {
  it.each(cases)('$name', (golden) => {
    const model = boostingModelFromLightgbm(golden.text!)
    // A sigmoid's slope goes into the leaves, and so does the average of a forest, which LightGBM takes of predictions alone.
    const rounds = (golden.text!.split('\nTree=').length - 1) / Number(golden.params.num_class ?? 1)
    const slope = golden.name === 'forest' ? 1 / rounds : Number(golden.params.sigmoid ?? 1)
    const scores = golden.scores.flat().map((score) => score * slope)
    expect(differenceFrom({ ...golden, scores }, model, matrix)).toBeLessThan(TOLERANCE)
    expect(model.featureNames).toEqual(matrix.names)
    expect(model.categoricalFeatures).toEqual(categorical.map((feature) => matrix.names[feature]))
    expect(model.params).toMatchObject({ rounds, learningRate: 0.3, maxLeaves: 7, maxDepth: 0 })
  })

  it('start from the average that was folded into the first tree', () => {
    const { baseScores } = boostingModelFromLightgbm(textOf('regression'))
    expect(baseScores[0]).toBeGreaterThan(190_000)
    const first = textOf('regression').replace(/Tree=1\n.*end of trees/s, 'end of trees')
    expect(() => boostingModelFromLightgbm(first)).toThrow(/1 trees and the sizes of/)
    const one = boostingModelFromLightgbm(first.replace(/tree_sizes=.*\n/, ''))
    expect(Math.max(...one.trees.value.map(Math.abs))).toBeLessThan(10_000)
  })
})

describe('infinite thresholds', () => {
  it('part what is missing from all else, as LightGBM writes them', () => {
    const tree = binary.replace(/^threshold=\S+/m, 'threshold=inf')
    const { trees } = boostingModelFromLightgbm(tree)
    const root = trees.threshold[0]
    expect(root === Number.POSITIVE_INFINITY || root === Math.fround(3.4028234663852886e38)).toBe(true)
    expect(boostingModelToLightgbm(boostingModelFromLightgbm(tree))).toMatch(
      /^threshold=(inf|3\.4028234663852886e\+38)/m,
    )
  })
})

describe('what LightGBM can and is not taken', () => {
  const refusals: [string, string, string][] = [
    ['linear trees', 'linear models as leaves', binary.replace('is_linear=0', 'is_linear=1')],
    ['one against the others', 'multiclassova', binary.replace('binary sigmoid:1', 'multiclassova num_class:1')],
    ['roots of the target', 'regression sqrt', binary.replace('binary sigmoid:1', 'regression sqrt')],
    ['intensities of cross-entropy', 'lambda', binary.replace('binary sigmoid:1', 'cross_entropy_lambda')],
  ]
  it.each(refusals)('%s', (_, message, text) => {
    expect(() => boostingModelFromLightgbm(text)).toThrow(
      expect.objectContaining({ code: 'MODEL_UNSUPPORTED', message: expect.stringContaining(message) }),
    )
  })
})

describe('damaged files', () => {
  const damages: [string, string, string][] = [
    ['another format', "first line is not 'tree'", '{"learner": 1}'],
    ['an end too early', "'end of trees'", binary.slice(0, binary.length / 2)],
    ['a loop', 'comes to node 0 twice', binary.replace(/left_child=\d+/, 'left_child=0')],
    ['a child that is not there', 'names node', binary.replace(/left_child=\d+/, 'left_child=99')],
    ['a feature that is not there', 'tests feature 77 of 4', binary.replace(/split_feature=\d+/, 'split_feature=77')],
    ['a list that is too short', 'split_feature has', binary.replace(/split_feature=\d+ /, 'split_feature=')],
    ['a word for a number', 'no number', binary.replace(/leaf_value=\S+/, 'leaf_value=x')],
    ['a leaf beyond all numbers', 'value', binary.replace(/leaf_value=\S+/, 'leaf_value=1e308')],
    ['leaves without end', 'leaf_value has 7', binary.replace(/num_leaves=7/, 'num_leaves=4000000000')],
    ['features without end', 'feature names', binary.replace(/max_feature_idx=3/, 'max_feature_idx=4000000000')],
    ['other categories', 'categories that are not there', binary.replace(/cat_boundaries=0/, 'cat_boundaries=9')],
  ]
  it.each(damages)('%s', (_, message, text) => {
    expect(() => boostingModelFromLightgbm(text)).toThrow(
      expect.objectContaining({ code: 'MODEL_UNREADABLE', message: expect.stringContaining(message) }),
    )
  })

  it('are refused or read, never anything else', () => {
    const files = [Buffer.from(binary), Buffer.from(textOf('zero as missing'))]
    fc.assert(
      fc.property(fc.constantFrom(...files), damaged, (bytes, damage) => {
        try {
          predictBoosting(boostingModelFromLightgbm(damage(bytes)), matrix)
        } catch (error) {
          expect(error).toBeInstanceOf(FivefoldError)
        }
      }),
      { numRuns: 1500 },
    )
  })
})

describe('models of ours as those of LightGBM', () => {
  const objective = fc.constantFrom(...OBJECTIVE_NAMES)
  it('come back with the same scores, on and beside thresholds, with gaps and unknown categories', () => {
    fc.assert(
      fc.property(fc.nat(1e6), objective, fc.boolean(), (seed, name, asTrained) => {
        const rng = createRng(seed)
        const model = randomModel(rng, name, asTrained)
        const rows = probingRows(rng, 60)
        const back = boostingModelFromLightgbm(boostingModelToLightgbm(model))
        expect(back.featureNames).toEqual(['amount', 'size_in_m2', 'colour'])
        expect(back.classes).toEqual(model.classes)
        const ours = scoreRows(model, rows)
        for (const [i, score] of scoreRows(back, rows).entries()) expect(Math.abs(score - ours[i]!)).toBeLessThan(2e-6)
      }),
    )
  })

  it('have the sizes of their trees right', () => {
    const text = boostingModelToLightgbm(randomModel(createRng(3), 'softmax'))
    const sizes = /^tree_sizes=(.*)$/m.exec(text)![1]!.split(' ').map(Number)
    const begin = text.indexOf('Tree=0')
    let at = begin
    for (const [tree, size] of sizes.entries()) {
      expect(text.slice(at, at + size).startsWith(`Tree=${tree}\n`)).toBe(true)
      at += size
    }
    expect(text.slice(at).startsWith('end of trees')).toBe(true)
  })
})
