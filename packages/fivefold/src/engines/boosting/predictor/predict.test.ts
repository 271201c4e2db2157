import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '../../../core/index.ts'
import { referenceScore } from '../kernels/kernels.reference.ts'
import type { BoostingModel } from '../model/model.ts'
import type { Trees } from '../model/trees.ts'
import { resolveParams } from '../parameters.ts'
import { predictBoosting } from './predict.ts'
import { scoreRows } from './score-rows.ts'

/** Random trees, of which some are single leaves and some are chains. */
function randomTrees(seed: number, treeCount: number, featureCount: number, outputCount: number): Trees {
  const rng = createRng(seed)
  const starts = [0]
  const nodes: { feature: number; left: number }[] = []
  for (let tree = 0; tree < treeCount; tree++) {
    const root = nodes.length
    nodes.push({ feature: -1, left: 0 })
    for (let split = rng.int(12); split > 0; split--) {
      const leaves = nodes.flatMap((node, i) => (i >= root && node.feature < 0 ? [i] : []))
      const leaf = rng.next() < 0.5 ? leaves.at(-1)! : leaves[rng.int(leaves.length)]!
      nodes[leaf] = { feature: rng.int(featureCount), left: nodes.length - root }
      nodes.push({ feature: -1, left: 0 }, { feature: -1, left: 0 })
    }
    starts.push(nodes.length)
  }
  return {
    starts: Uint32Array.from(starts),
    feature: Int32Array.from(nodes, ({ feature }) => feature),
    left: Uint32Array.from(nodes, ({ left }) => left),
    threshold: Float32Array.from(nodes, () => (rng.next() < 0.05 ? Infinity : rng.int(10))),
    missingLeft: Uint8Array.from(nodes, () => rng.int(2)),
    value: Float32Array.from(nodes, () => rng.normal()),
    gain: new Float32Array(nodes.length),
    cover: new Float64Array(nodes.length),
    output: Uint16Array.from({ length: treeCount }, () => rng.int(outputCount)),
    categorySet: new Int32Array(nodes.length).fill(-1),
    membersLeft: new Uint8Array(nodes.length),
    sets: { starts: new Uint32Array(1), words: new Uint32Array(0) },
  }
}

describe('prediction', () => {
  it('sums what each row’s leaves hold, whatever the shape of the trees', () => {
    const value = fc.constantFrom(...Array.from({ length: 11 }, (_, i) => i - 0.5), 3, Number.NaN, Infinity, -Infinity)
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 130 }),
        fc.array(value, { minLength: 9, maxLength: 9 }),
        (seed, outputCount, rowCount, pool) => {
          const trees = randomTrees(seed, 7, 3, outputCount)
          const baseScores = [0.5, -1, 2].slice(0, outputCount)
          const values = [1, 2, 5].map((step) =>
            Float32Array.from({ length: rowCount }, (_, i) => pool[(i * step) % 9]!),
          )
          const model: BoostingModel = {
            kind: 'boosting',
            featureNames: ['a', 'b', 'c'],
            objective: outputCount === 1 ? 'squared' : 'softmax',
            classes: outputCount === 1 ? [] : ['x', 'y', 'z'].slice(0, outputCount),
            categoricalFeatures: [],
            baseScores,
            trees,
            params: resolveParams({}),
            history: { train: [], validation: [], metric: [] },
            bestRound: 1,
          }
          const scores = scoreRows(model, { rowCount, names: model.featureNames, values })
          expect(scores.length).toBe(rowCount * outputCount)
          for (const [i, score] of scores.entries()) {
            const output = i % outputCount
            const row = values.map((column) => column[Math.floor(i / outputCount)]!)
            expect(score).toBe(referenceScore(trees, output, baseScores[output]!, row))
          }
          expect(predictBoosting(model, { rowCount, names: model.featureNames, values }).kind).toBe(
            outputCount === 1 ? 'number' : 'classes',
          )
        },
      ),
    )
  })
})
