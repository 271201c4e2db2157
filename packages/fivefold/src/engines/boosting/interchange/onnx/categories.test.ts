import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '../../../../core/index.ts'
import { createGraphBuilder, createSession, readModel } from '../../../../onnx/index.ts'
import type { BoostingModel } from '../../model/model.ts'
import { scoreRows } from '../../predictor/score-rows.ts'
import { type Draft, membersOf, treesFromDrafts } from '../draft/draft-tree.ts'
import { probingRows, randomModel } from '../random-model.reference.ts'
import { planCategoryColumns } from './category-columns.ts'
import { compileBoosting } from './compile-onnx.ts'

function graphOf(model: BoostingModel): Uint8Array {
  const builder = createGraphBuilder({ name: 'boosting' })
  const matrix = builder.input('features', 'float', ['N', model.featureNames.length])
  builder.output('scores', compileBoosting({ ...model, objective: 'custom' }, builder, matrix), 'float', ['N', 1])
  return builder.build()
}

describe('splits by category in an ONNX graph, run by ONNX Runtime', () => {
  it('send every value where they send it here, whatever the sets, missing values and other numbers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1e6), async (seed) => {
        const rng = createRng(seed)
        const model = randomModel(rng, 'squared')
        const rows = probingRows(rng, 80)
        for (const [i, value] of [-1, 1.5, Infinity, -Infinity, -0, 1e9, 96, 95, 0].entries())
          rows.values[2]![i] = value
        const data = Float32Array.from({ length: 240 }, (_, i) => rows.values[i % 3]![Math.floor(i / 3)]!)
        await using session = await createSession(graphOf(model))
        const { scores } = await session.run({ features: { type: 'float', shape: [80, 3], data } })
        const ours = scoreRows(model, rows)
        expect(scores!.data.length).toBe(ours.length)
        for (const [i, score] of ours.entries()) expect(Math.abs(Number(scores!.data[i]) - score)).toBeLessThan(1e-5)
      }),
      { numRuns: 60 },
    )
  })

  it('are thresholds alone to the ensemble', () => {
    const model = randomModel(createRng(1), 'squared')
    const ensemble = readModel(graphOf(model)).graph.nodes.find(({ op }) => op === 'TreeEnsembleRegressor')!
    expect(new Set((ensemble.attributes.nodes_modes as { strings: string[] }).strings)).toEqual(
      new Set(['BRANCH_LEQ', 'LEAF']),
    )
  })

  it('share a column below each other, and take another one where they cross', () => {
    const leaf = { value: 1, cover: 1 }
    const split = (codes: number[], left: Draft = leaf, right: Draft = leaf): Draft => {
      const how = { feature: 0, threshold: 0, missingLeft: false, members: membersOf(codes), membersLeft: true }
      return { ...how, left, right, gain: 1, cover: 1 }
    }
    const columnsOf = (root: Draft): number =>
      planCategoryColumns(treesFromDrafts([{ root, output: 0 }])).tables.reduce(
        (sum, table) => sum + table.columnCount,
        0,
      )
    const nested = split([1, 5, 9], split([5], split([1]), leaf), split([2, 7], leaf, split([0, 30], split([30]))))
    expect(columnsOf(nested)).toBe(1)
    const byNumber = { feature: 1, threshold: 0, missingLeft: false, gain: 1, cover: 1 }
    expect(columnsOf({ ...byNumber, left: split([1, 2]), right: split([3, 4]) })).toBe(1)
    expect(columnsOf({ ...byNumber, left: split([1, 2]), right: split([2, 3]) })).toBe(2)
  })
})
