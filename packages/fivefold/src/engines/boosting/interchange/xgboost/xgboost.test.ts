import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng, FivefoldError } from '../../../../core/index.ts'
import { OBJECTIVE_NAMES } from '../../loss/objective.ts'
import { predictBoosting } from '../../predictor/predict.ts'
import { scoreRows } from '../../predictor/score-rows.ts'
import { damaged } from '../damaged.reference.ts'
import { differenceFrom, type GoldenCase, readGolden } from '../golden.reference.ts'
import { probingRows, randomModel } from '../random-model.reference.ts'
import { boostingModelFromXgboost } from './read-xgboost.ts'
import { boostingModelToXgboost } from './write-xgboost.ts'

const { writtenBy, matrix, cases, categorical } = readGolden('xgboost')
/** XGBoost adds in float32. */
const TOLERANCE = 1e-6
const binary = cases.find(({ name }) => name === 'binary')!

type Tree = {
  default_left: number[]
  left_children: number[]
  split_indices: number[]
  split_conditions: number[]
  tree_param: object
}
interface Document {
  learner: {
    gradient_booster: { name: string; model: { trees: Tree[]; tree_info: number[] } }
    learner_model_param: Record<string, string>
    objective: { name: string }
    attributes: Record<string, string>
  }
}

/** The golden model with something of it changed. */
function changed(change: (document: Document) => void, golden: GoldenCase = binary): string {
  const document = structuredClone(golden.json) as Document
  change(document)
  return JSON.stringify(document)
}

describe(`models of ${writtenBy}`, () => {
  it.each(cases)('$name', (golden) => {
    const model = boostingModelFromXgboost(JSON.stringify(golden.json))
    expect(differenceFrom(golden, model, matrix)).toBeLessThan(TOLERANCE)
    expect(model.featureNames).toEqual(matrix.names)
    expect(model.categoricalFeatures).toEqual(categorical.map((feature) => matrix.names[feature]))
    expect(model.params.rounds).toBe(4)
  })

  it('say the same as JSON and as UBJSON', () => {
    const fromBytes = boostingModelFromXgboost(Buffer.from(binary.ubjBase64!, 'base64'))
    expect(fromBytes).toEqual(boostingModelFromXgboost(JSON.stringify(binary.json)))
  })

  it('start from base_score in any of its forms', () => {
    const scoreOf = (base: string): number[] => [
      ...boostingModelFromXgboost(changed(({ learner }) => (learner.learner_model_param.base_score = base))).baseScores,
    ]
    expect(scoreOf('2.5E-1')[0]).toBeCloseTo(Math.log(1 / 3), 12)
    expect(scoreOf('[2.5E-1]')).toEqual(scoreOf('0.25'))
    expect(() => scoreOf('[1E-1,2E-1]')).toThrow('base_score has 2 values for 1 outputs')
    expect(() => scoreOf('1')).toThrow('starts from a score of Infinity')
    const classes = cases.find(({ name }) => name === 'classes')!
    const one = changed(({ learner }) => (learner.learner_model_param.base_score = '5E-1'), classes)
    expect(boostingModelFromXgboost(one).baseScores).toEqual([0.5, 0.5, 0.5])
  })

  it('may have NaN and booleans in lists, as older versions write them', () => {
    const text = changed(({ learner }) => {
      for (const tree of learner.gradient_booster.model.trees)
        Object.assign(tree, { default_left: tree.default_left.map(Boolean) })
    })
    const model = boostingModelFromXgboost(text.replace('"amount"', '"a NaN, \\" [NaN] Infinity"'))
    expect(model.featureNames[0]).toBe('a NaN, " [NaN] Infinity')
    const node = /"split_conditions":\[[^,]*/
    const original = boostingModelFromXgboost(JSON.stringify(binary.json))
    expect(original.trees.categorySet[0]).toBeGreaterThanOrEqual(0)
    const read = boostingModelFromXgboost(text.replace(node, '"split_conditions":[NaN'))
    expect(read.trees).toEqual(original.trees)
  })

  it('keep the best iteration', () => {
    const stopped = changed(({ learner }) => (learner.attributes.best_iteration = '2'))
    expect(boostingModelFromXgboost(stopped).bestRound).toBe(3)
  })
})

describe('what XGBoost can and is not taken', () => {
  const refusals: [string, string, (document: Document) => void][] = [
    ['linear models', "booster 'gblinear'", ({ learner }) => (learner.gradient_booster.name = 'gblinear')],
    ['survival', "'survival:cox'", ({ learner }) => (learner.objective.name = 'survival:cox')],
    ['hinge', "'binary:hinge'", ({ learner }) => (learner.objective.name = 'binary:hinge')],
    ['several targets', '2 targets', ({ learner }) => (learner.learner_model_param.num_target = '2')],
    [
      'vectors as leaves',
      'multi_output_tree',
      ({ learner }) => Object.assign(learner.gradient_booster.model.trees[0]!.tree_param, { size_leaf_vector: '3' }),
    ],
  ]
  it.each(refusals)('%s', (_, message, change) => {
    expect(() => boostingModelFromXgboost(changed(change))).toThrow(
      expect.objectContaining({ code: 'MODEL_UNSUPPORTED', message: expect.stringContaining(message) }),
    )
  })
})

describe('damaged files', () => {
  const damages: [string, string, (trees: Tree[], document: Document) => void][] = [
    ['a loop', 'comes to node 0 twice', ([tree]) => (tree!.left_children[1] = 0)],
    ['a child out of reach', 'names node 99', ([tree]) => (tree!.left_children[0] = 99)],
    ['a feature that is not there', 'tests feature 77 of 4', ([tree]) => (tree!.split_indices[0] = 77)],
    ['a list that is too short', 'split_conditions is not', ([tree]) => tree!.split_conditions.pop()],
    ['a leaf beyond all numbers', 'value Infinity', ([tree]) => tree!.split_conditions.fill(1e300)],
    [
      'an output that is not there',
      'output 5 of 1',
      (_, { learner }) => (learner.gradient_booster.model.tree_info[0] = 5),
    ],
    [
      'features without end',
      '4000000000 features',
      (_, { learner }) => {
        learner.learner_model_param.num_feature = '4e9'
        Object.assign(learner, { feature_names: [] })
      },
    ],
  ]
  it.each(damages)('%s', (_, message, damage) => {
    const text = changed((document) => damage(document.learner.gradient_booster.model.trees, document))
    expect(() => boostingModelFromXgboost(text)).toThrow(
      expect.objectContaining({ code: 'MODEL_UNREADABLE', message: expect.stringContaining(message) }),
    )
  })

  it('are refused or read, never anything else', () => {
    const json = Buffer.from(JSON.stringify(binary.json))
    const ubj = Buffer.from(binary.ubjBase64!, 'base64')
    fc.assert(
      fc.property(fc.constantFrom(json, ubj), damaged, (bytes, damage) => {
        try {
          predictBoosting(boostingModelFromXgboost(damage(bytes)), matrix)
        } catch (error) {
          expect(error).toBeInstanceOf(FivefoldError)
        }
      }),
      { numRuns: 1500 },
    )
  })
})

describe('models of ours as those of XGBoost', () => {
  it('come back with the same scores, on and beside thresholds, with gaps and unknown categories', () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.constantFrom(...OBJECTIVE_NAMES),
        fc.constantFrom('json', 'ubj'),
        (seed, objective, format) => {
          const rng = createRng(seed)
          const model = randomModel(rng, objective)
          const rows = probingRows(rng, 60)
          const back = boostingModelFromXgboost(boostingModelToXgboost(model, format))
          expect(back.featureNames).toEqual(model.featureNames)
          expect(back.classes).toEqual(model.classes)
          const ours = scoreRows(model, rows)
          for (const [i, score] of scoreRows(back, rows).entries())
            expect(Math.abs(score - ours[i]!)).toBeLessThan(1e-6)
        },
      ),
    )
  })

  it('start where they should even from hopeless odds', () => {
    const model = { ...randomModel(createRng(1), 'logistic'), baseScores: [40] }
    const rows = probingRows(createRng(2), 10)
    const back = boostingModelFromXgboost(boostingModelToXgboost(model, 'json'))
    const ours = scoreRows(model, rows)
    for (const [i, score] of scoreRows(back, rows).entries()) expect(score).toBeCloseTo(ours[i]!, 5)
  })
})
