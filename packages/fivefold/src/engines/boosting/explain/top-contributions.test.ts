import { describe, expect, it } from 'vitest'
import { explainBoosting } from './explain-boosting.ts'
import { FEATURE_COUNT, matrixOf, randomCase } from './explained-model.reference.ts'
import { attributionImportance } from './importance.ts'
import { topContributions } from './top-contributions.ts'

const F = FEATURE_COUNT

async function explained() {
  const { model, rowsOf } = randomCase(21, 2)
  const features = matrixOf(rowsOf(7), F)
  return { features, attributions: await explainBoosting(model, features) }
}

describe('top contributions', () => {
  it('are the largest first and sum, with base value and others, to the score', async () => {
    const { features, attributions } = await explained()
    const explanations = topContributions(attributions, features, 2)
    expect(explanations.map(({ row, outputName }) => `${row} ${outputName}`).slice(0, 4)).toEqual([
      '0 class 0',
      '0 class 1',
      '1 class 0',
      '1 class 1',
    ])
    for (const [i, { contributions, others, baseValue, score, row }] of explanations.entries()) {
      const all = [...attributions.values.subarray(i * F, (i + 1) * F)]
      const largest = all.map(Math.abs).sort((a, b) => b - a)
      expect(contributions.map(({ contribution }) => Math.abs(contribution))).toEqual(
        largest.slice(0, 2).filter((value) => value > 0),
      )
      for (const { name, value, contribution } of contributions) {
        const feature = attributions.featureNames.indexOf(name)
        expect(value).toBe(features.values[feature]![row])
        expect(contribution).toBe(all[feature])
      }
      expect(contributions.reduce((sum, { contribution }) => sum + contribution, baseValue + others)).toBeCloseTo(
        score,
        10,
      )
    }
  })

  it('refuse other rows and counts below one', async () => {
    const { features, attributions } = await explained()
    expect(() => topContributions(attributions, matrixOf([[1, 1, 1, 1]], F))).toThrow(/not the rows/)
    expect(() => topContributions(attributions, features, 0)).toThrow(/whole number/)
  })
})

describe('importance by attributions', () => {
  it('is the mean magnitude of each output, summed over outputs, the largest first', async () => {
    const { attributions } = await explained()
    const importance = attributionImportance(attributions)
    expect(importance.map(({ name }) => name).sort()).toEqual(['f0', 'f1', 'f2', 'f3'])
    for (const { name, meanAbsolute, byOutput } of importance) {
      const feature = attributions.featureNames.indexOf(name)
      const means = [0, 1].map((output) => {
        const ofFeature = Array.from({ length: 7 }, (_, row) => attributions.values[(row * 2 + output) * F + feature]!)
        return ofFeature.reduce((sum, value) => sum + Math.abs(value), 0) / 7
      })
      for (const output of [0, 1]) expect(byOutput[output]).toBeCloseTo(means[output]!, 12)
      expect(meanAbsolute).toBeCloseTo(means[0]! + means[1]!, 12)
    }
    const sizes = importance.map(({ meanAbsolute }) => meanAbsolute)
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
  })
})
