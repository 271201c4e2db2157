import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng, FivefoldError } from '../../../../core/index.ts'
import type { FeatureMatrix } from '../../../../data/index.ts'
import { createGraphBuilder } from '../../../../onnx/index.ts'
import { OBJECTIVE_NAMES } from '../../loss/objective.ts'
import type { BoostingModel } from '../../model/model.ts'
import { predictBoosting } from '../../predictor/predict.ts'
import { damaged } from '../damaged.reference.ts'
import { probingRows, randomModel } from '../random-model.reference.ts'
import { compileBoosting } from './compile-onnx.ts'
import { boostingModelFromOnnx } from './read-onnx.ts'

/** Written by interop/python/write_onnx_fixtures.py. */
interface Golden {
  readonly writtenBy: string
  readonly rows: readonly (readonly (number | null)[])[]
  readonly cases: readonly GoldenCase[]
}

interface GoldenCase {
  readonly name: string
  readonly missing: boolean
  /** Base64. */
  readonly model: string
  readonly predictions: readonly (readonly number[])[]
}

const golden = JSON.parse(readFileSync(new URL('../fixtures/onnx.json', import.meta.url), 'utf8')) as Golden
const bytesOf = ({ model }: GoldenCase): Uint8Array => Buffer.from(model, 'base64')

function matrixOf(names: readonly string[], missing: boolean): FeatureMatrix {
  const gap = missing ? Number.NaN : -7
  const values = names.map((_, feature) => Float32Array.from(golden.rows, (row) => row[feature] ?? gap))
  return { rowCount: golden.rows.length, names, values }
}

function numbersOf(model: BoostingModel, matrix: FeatureMatrix): Float64Array {
  const predicted = predictBoosting(model, matrix)
  return predicted.kind === 'number' ? predicted.values : predicted.probabilities
}

describe(`models of ${golden.writtenBy}`, () => {
  it.each(golden.cases)('$name', (example) => {
    const model = boostingModelFromOnnx(bytesOf(example))
    const ours = numbersOf(model, matrixOf(model.featureNames, example.missing))
    const theirs = example.predictions.flat()
    expect(ours.length).toBe(theirs.length)
    for (const [i, value] of theirs.entries())
      expect(Math.abs(value - ours[i]!) / Math.max(1, Math.abs(value))).toBeLessThan(1e-6)
  })

  it('are refused or read where they are damaged, never anything else', () => {
    fc.assert(
      fc.property(fc.constantFrom(...golden.cases.map(bytesOf)), damaged, (bytes, damage) => {
        try {
          const model = boostingModelFromOnnx(damage(bytes))
          predictBoosting(model, matrixOf(model.featureNames, true))
        } catch (error) {
          expect(error).toBeInstanceOf(FivefoldError)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('models of ours', () => {
  const graphOf = (model: BoostingModel): Uint8Array => {
    const builder = createGraphBuilder({ name: 'trees' })
    const matrix = builder.input('matrix', 'float', ['N', model.featureNames.length])
    builder.output('y', compileBoosting(model, builder, matrix), 'float', ['N', Math.max(1, model.classes.length)])
    return builder.build()
  }

  it('come back from their graphs', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.constantFrom(...OBJECTIVE_NAMES), (seed, objective) => {
        const model = randomModel(createRng(seed), objective)
        const trees = { ...model.trees, categorySet: model.trees.categorySet.map(() => -1) }
        const numeric = { ...model, trees, baseScores: model.baseScores.map(Math.fround) }
        const rows = probingRows(createRng(seed), 30)
        const back = boostingModelFromOnnx(graphOf(numeric))
        const ours = numbersOf(numeric, rows)
        for (const [i, value] of numbersOf(back, { ...rows, names: back.featureNames }).entries())
          expect(Math.abs(value / ours[i]! - 1)).toBeLessThan(1e-9)
      }),
    )
  })

  it('are not taken where categories are looked up before', () => {
    const graph = graphOf(randomModel(createRng(1), 'squared'))
    expect(() => boostingModelFromOnnx(graph)).toThrow(
      expect.objectContaining({ code: 'MODEL_UNSUPPORTED', message: expect.stringContaining('before the trees') }),
    )
  })
})

describe('nodes that compare otherwise', () => {
  const modes = ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GT', 'BRANCH_GTE', 'BRANCH_EQ', 'BRANCH_NEQ']
  const answers: Readonly<Record<string, (value: number) => boolean>> = {
    BRANCH_LEQ: (value) => value <= 2,
    BRANCH_LT: (value) => value < 2,
    BRANCH_GT: (value) => value > 2,
    BRANCH_GTE: (value) => value >= 2,
    BRANCH_EQ: (value) => value === 2,
    BRANCH_NEQ: (value) => value !== 2,
  }

  it.each(modes)('%s', (mode) => {
    for (const missingIsTrue of [0, 1]) {
      const builder = createGraphBuilder({ name: 'one split' })
      const attributes = {
        n_targets: { int: 1 },
        nodes_treeids: { ints: [0, 0, 0] },
        nodes_nodeids: { ints: [0, 1, 2] },
        nodes_featureids: { ints: [0, 0, 0] },
        nodes_modes: { strings: [mode, 'LEAF', 'LEAF'] },
        nodes_values: { floats: [2, 0, 0] },
        nodes_truenodeids: { ints: [1, 0, 0] },
        nodes_falsenodeids: { ints: [2, 0, 0] },
        nodes_missing_value_tracks_true: { ints: [missingIsTrue, 0, 0] },
        target_treeids: { ints: [0, 0] },
        target_nodeids: { ints: [1, 2] },
        target_ids: { ints: [0, 0] },
        target_weights: { floats: [1, 0] },
      }
      const matrix = builder.input('matrix', 'float', ['N', 1])
      const scores = builder.node('TreeEnsembleRegressor', [matrix], attributes, { domain: 'ai.onnx.ml' })
      builder.output('y', scores, 'float', ['N', 1])
      const values = Float32Array.of(1.9999999, 2, 2.0000002, -Infinity, Infinity, Number.NaN)
      const model = boostingModelFromOnnx(builder.build())
      const expected = [...values].map((value) => {
        const isTrue = answers[mode]!(value) || (Number.isNaN(value) && missingIsTrue === 1)
        return isTrue ? 1 : 0
      })
      const ours = numbersOf(model, { rowCount: values.length, names: ['f0'], values: [values] })
      expect([...ours]).toEqual(expected)
    }
  })
})
