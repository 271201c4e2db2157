import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ObjectiveName, PLAIN_OBJECTIVE } from './objective.ts'
import { pointwiseLoss } from './pointwise-loss.ts'

const cases: { name: ObjectiveName; shape: number; least: number; hessian: 'exact' | 'bound' | 'unit' }[] = [
  { name: 'absolute', shape: 0.5, least: -5, hessian: 'unit' },
  { name: 'quantile', shape: 0.8, least: -5, hessian: 'unit' },
  { name: 'huber', shape: 1.5, least: -5, hessian: 'unit' },
  { name: 'poisson', shape: 0, least: 0, hessian: 'bound' },
  { name: 'gamma', shape: 0, least: 0.1, hessian: 'exact' },
  { name: 'tweedie', shape: 1.3, least: 0, hessian: 'exact' },
]

describe.each(cases)('the loss $name', ({ name, shape, least, hessian }) => {
  const { loss, gradient, hessian: second } = pointwiseLoss({ ...PLAIN_OBJECTIVE, name, shape })!
  const rows = fc.record({
    score: fc.double({ min: -3, max: 3, noNaN: true }),
    target: fc.double({ min: least, max: 8, noNaN: true }),
  })

  it('has the gradient that finite differences give', () => {
    fc.assert(
      fc.property(rows, ({ score, target }) => {
        const step = 1e-5
        // At a kink the two sides differ.
        const toKink = Math.min(Math.abs(score - target), Math.abs(Math.abs(score - target) - shape))
        fc.pre(!['absolute', 'quantile', 'huber'].includes(name) || toKink > 2 * step)
        const slope = (loss(score + step, target) - loss(score - step, target)) / (2 * step)
        expect(Math.abs(gradient(score, target) - slope)).toBeLessThan(1e-4 * (1 + Math.abs(slope)))
      }),
    )
  })

  it('has a positive hessian, which is the second derivative or a bound of it where there is one', () => {
    fc.assert(
      fc.property(rows, ({ score, target }) => {
        const step = 1e-4
        const curvature = (gradient(score + step, target) - gradient(score - step, target)) / (2 * step)
        const value = second(score, target)
        expect(value).toBeGreaterThan(0)
        if (hessian === 'exact') expect(Math.abs(value - curvature)).toBeLessThan(1e-4 * (1 + Math.abs(curvature)))
        if (hessian === 'bound') expect(value).toBeGreaterThanOrEqual(curvature)
        if (hessian === 'unit') expect(value).toBe(1)
      }),
    )
  })

  it('is least at the target itself', () => {
    fc.assert(
      fc.property(rows, ({ score, target }) => {
        const isLog = ['poisson', 'gamma', 'tweedie'].includes(name)
        fc.pre(!isLog || target > 0.01)
        expect(loss(score, target)).toBeGreaterThanOrEqual(loss(isLog ? Math.log(target) : target, target) - 1e-9)
      }),
    )
  })
})
