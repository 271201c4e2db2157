import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CanaryTraffic } from '../../client/serving-wire.ts'
import { canaryOutlook, evidenceShare } from './canary-outlook.ts'
import { CANARY, canaryWith } from './serving.fixture.ts'

const traffic = CANARY as CanaryTraffic

test('a stage says what takes it on and what takes it back', () => {
  expect(canaryOutlook(traffic, canaryWith({ stageAnswers: 40 }))).toEqual({
    progress: 0.4,
    stage: 'Stage 1 of 2, 5% of the requests',
    next: 'It gets 25% of the requests after 60 more answers of the canary.',
    back: 'It is rolled back as soon as the evidence of one criterion reaches its limit: stable then answers everything.',
  })
})

test('the last stage waits for its time and its outcomes as well', () => {
  const { progress, next } = canaryOutlook(traffic, canaryWith({ stage: 1, share: 0.25, stageAnswers: 500 }))
  expect(progress).toBe(1)
  expect(next).toBe(
    'It gets all requests after its next answer, and at least 1 h in this stage, and 200 outcomes of wrong in all.',
  )
})

test('evidence grows from nothing to its limit as the p-value falls', () => {
  expect(evidenceShare({ pValue: 1, alpha: 0.02 })).toBe(0)
  expect(evidenceShare({ pValue: 0.02, alpha: 0.02 })).toBe(1)
  const p = fc.double({ min: 1e-12, max: 1, noNaN: true })
  fc.assert(
    fc.property(p, p, fc.double({ min: 0.001, max: 0.5, noNaN: true }), (a, b, alpha) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)]
      const [more, less] = [evidenceShare({ pValue: low, alpha }), evidenceShare({ pValue: high, alpha })]
      expect(more).toBeGreaterThanOrEqual(less)
      expect(Math.min(more, less)).toBeGreaterThanOrEqual(0)
      expect(Math.max(more, less)).toBeLessThanOrEqual(1)
    }),
  )
})
