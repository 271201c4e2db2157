import { describe, expect, it } from 'vitest'
import { createContext, createRng } from '../../../core/index.ts'
import { binary, matrix, meanOf, noisyTable, numbers, predicted, train } from './tables.reference.ts'
import { trainBoosting } from './train-boosting.ts'

const ROWS = 2000
const { features, signal } = noisyTable(ROWS, 1)
const rng = createRng(2)
const normal = Float64Array.from(signal, () => rng.normal())

describe('regression objectives', () => {
  it('absolute: half of the residuals lie above, whatever the outliers', () => {
    const target = signal.map((value, i) => (i % 10 === 0 ? value + 1e4 : value))
    const model = train({ features, target: numbers(target) }, { objective: 'absolute', rounds: 200 })
    const guesses = predicted(model, features)
    const residuals = target.map((value, i) => value - guesses[i]!)
    expect(Math.abs(meanOf(residuals.map((r) => Number(r > 0))) - 0.5)).toBeLessThan(0.1)
    // Median absolute error is that of the noise, not of the outliers.
    expect(residuals.map(Math.abs).sort()[ROWS / 2]).toBeLessThan(0.4)
    expect(model.history.train.at(-1)).toBeLessThan(model.history.train[0]!)
  })

  it.each([0.1, 0.5, 0.9])('quantile %f: that share of the targets lies below', (quantile) => {
    const target = signal.map((value, i) => 50 + 20 * value + 10 * normal[i]!)
    const model = train({ features, target: numbers(target) }, { objective: 'quantile', quantile, rounds: 100 })
    const below = meanOf(predicted(model, features).map((value, i) => Number(target[i]! <= value)))
    expect(Math.abs(below - quantile)).toBeLessThan(0.05)
  })

  it('huber: between squared and absolute, and unmoved by outliers', () => {
    const target = signal.map((value, i) => (i % 20 === 0 ? value + 1000 : value))
    const model = train({ features, target: numbers(target) }, { objective: 'huber', rounds: 200 })
    const clean = signal.filter((_, i) => i % 20 !== 0)
    const guesses = predicted(model, features).filter((_, i) => i % 20 !== 0)
    expect(Math.sqrt(meanOf(guesses.map((value, i) => (value - clean[i]!) ** 2)))).toBeLessThan(0.6)
  })

  const rate = signal.map((value) => Math.exp(0.7 * value))
  const poisson = rate.map((mean) => drawPoisson(mean))
  it.each([
    ['poisson', poisson],
    ['tweedie', poisson],
    ['gamma', rate.map((mean) => mean * -Math.log(1 - rng.next()) + 1e-6)],
  ] as const)('%s: predictions are positive, follow the rate and keep the mean', (objective, target) => {
    const model = train({ features, target: numbers(target) }, { objective, rounds: 100 })
    const means = predicted(model, features)
    expect(means.every((value) => value > 0)).toBe(true)
    // The score equations of a log link keep the total of Poisson alone.
    expect(Math.abs(meanOf(means) / meanOf(target) - 1)).toBeLessThan(objective === 'poisson' ? 0.03 : 0.2)
    const error = meanOf(means.map((value, i) => Math.abs(Math.log(value / rate[i]!))))
    expect(error).toBeLessThan(0.5)
  })

  function drawPoisson(mean: number): number {
    let [count, product] = [0, rng.next()]
    for (const limit = Math.exp(-mean); product > limit; product *= rng.next()) count++
    return count
  }
})

describe('a custom objective', () => {
  it('equals the built-in one where it says the same', async () => {
    const target = numbers(signal)
    const params = { rounds: 20 }
    const context = () => createContext({ seed: 1 })
    const builtIn = await trainBoosting({ features, target }, params, context())
    const own = await trainBoosting({ features, target }, params, context(), {
      objective: {
        gradients: ({ scores, targets, gradients, hessians }) => {
          for (let i = 0; i < scores.length; i++) {
            gradients[i] = scores[i]! - targets[i]!
            hessians[i] = 1
          }
        },
      },
    })
    expect(own.objective).toBe('custom')
    expect(own.history.train).toEqual([])
    // The built-in one starts from the mean.
    const expected = predicted(builtIn, features)
    const difference = predicted(own, features).map((value, i) => Math.abs(value - expected[i]!))
    expect(meanOf(difference)).toBeLessThan(0.3)
    expect(meanOf(predicted(own, features).map((value, i) => (value - signal[i]!) ** 2))).toBeLessThan(0.4)
  })

  it('hands on what it throws, and refuses gradients that are no numbers', async () => {
    const data = { features, target: numbers(signal) }
    const broken = (gradients: () => void) => trainBoosting(data, {}, createContext(), { objective: { gradients } })
    await expect(
      broken(() => {
        throw new RangeError('mine')
      }),
    ).rejects.toThrow('mine')
    const late = trainBoosting(data, {}, createContext(), {
      objective: {
        gradients: async () => {
          await Promise.resolve()
          throw new Error('nobody hears this')
        },
      },
    })
    await expect(late).rejects.toThrow(/cannot be asynchronous/)
    const doubled = trainBoosting(data, { objective: 'poisson' }, createContext(), {
      objective: { gradients: () => {} },
    })
    await expect(doubled).rejects.toThrow(/takes the place of 'poisson'/)
    const empty = trainBoosting(data, {}, createContext(), {
      objective: { gradients: (rows) => rows.gradients.fill(Number.NaN) },
    })
    await expect(empty).rejects.toThrow(/gives row 0 the gradient NaN/)
  })
})

describe('early stopping', () => {
  const half = { rowCount: ROWS, names: features.names, values: noisyTable(ROWS, 9).features.values }
  const codes = (table: ArrayLike<number>) => binary(Array.from(table, (value) => Number(value > 0)))
  const data = {
    features,
    target: codes(signal),
    validation: { features: half, target: codes(noisyTable(ROWS, 9).signal) },
  }

  it('follows a metric by name', () => {
    const model = train(data, { metric: 'rocAuc', earlyStoppingRounds: 5, rounds: 500 })
    const { metric } = model.history
    expect(metric!.length).toBeLessThan(500)
    expect(metric![model.bestRound - 1]).toBe(Math.max(...metric!))
    expect(model.trees.starts.length - 1).toBe(model.bestRound)
  })

  it('follows a metric of the caller’s', async () => {
    const seen: number[] = []
    const model = await trainBoosting(data, { earlyStoppingRounds: 4, rounds: 50 }, createContext(), {
      metric: {
        higherIsBetter: true,
        measure: (predictions) => {
          if (predictions.kind === 'classes') expect(predictions.probabilities.length).toBe(2 * ROWS)
          seen.push(seen.length === 4 ? 1 : 0)
          return seen.at(-1)!
        },
      },
    })
    expect(seen.length).toBe(9)
    expect(model.bestRound).toBe(5)
  })

  it('is refused where there is nothing to follow', () => {
    expect(() => train({ features, target: codes(signal) }, { metric: 'rocAuc' })).toThrow(/validation rows/)
    expect(() => train(data, { metric: 'rmse' })).toThrow(/is a metric of regression/)
    expect(() => train(data, { metric: 'ndcg' })).toThrow(/lambdarank/)
  })
})

describe('class weights', () => {
  it('balance: the mean probability of the rare class becomes about a half', () => {
    const target = binary(Array.from(signal, (value) => Number(value > 1.8)))
    const params = { rounds: 1, learningRate: 1e-6, classWeights: 'balanced' } as const
    const model = train({ features, target }, params)
    expect(predicted(model, features)[1]).toBeCloseTo(0.5, 4)
    expect(() => train({ features, target }, { classWeights: { maybe: 2 } })).toThrow(/name 'maybe'/)
    const byName = train({ features, target }, { ...params, classWeights: { no: 0.5, yes: 0.5 } })
    expect(predicted(byName, features)[1]).toBeCloseTo(meanOf(Array.from(signal, (v) => Number(v > 1.8))), 4)
  })
})

describe('rankings', () => {
  it('order the rows of a query, which squared error of another level does not', () => {
    const queries = 100
    const perQuery = 20
    const rows = queries * perQuery
    const x = Float32Array.from({ length: rows }, () => rng.normal())
    const level = Float32Array.from({ length: rows }, (_, i) => Math.floor(i / perQuery))
    const grade = Float64Array.from(x, (value) => Math.max(0, Math.min(4, Math.round(2 + value + 0.3 * rng.normal()))))
    const data = {
      features: matrix({ x, level }),
      target: numbers(grade),
      queryRows: new Array<number>(queries).fill(perQuery),
    }
    const model = train(
      { ...data, validation: data },
      { objective: 'lambdarank', rounds: 50, metric: 'ndcg', ndcgAt: 5 },
    )
    expect(model.history.metric!.at(-1)).toBeGreaterThan(0.9)
    expect(model.history.train.at(-1)).toBeLessThan(model.history.train[0]!)
    const scores = predicted(model, data.features)
    const rising = x.map((_, i) => i).filter((i) => x[i]! > 1.2)
    const falling = x.map((_, i) => i).filter((i) => x[i]! < -1.2)
    expect(meanOf(Array.from(rising, (i) => scores[i]!))).toBeGreaterThan(
      meanOf(Array.from(falling, (i) => scores[i]!)) + 1,
    )
  })

  it('need queries and grades', () => {
    const data = { features, target: numbers(signal) }
    expect(() => train(data, { objective: 'lambdarank' })).toThrow(/relevance grades/)
    const grades = numbers(signal.map(() => 1))
    expect(() => train({ ...data, target: grades }, { objective: 'lambdarank' })).toThrow(/queryRows/)
    expect(() => train({ ...data, target: grades, queryRows: [ROWS - 1] }, { objective: 'lambdarank' })).toThrow(
      /1999 rows together/,
    )
  })
})

describe('what would end in numbers that are none', () => {
  it('is refused in the data', () => {
    const x = matrix({ x: [1, 2, 3] })
    expect(() => train({ features: x, target: numbers([1, 1e38, 0]) })).toThrow(/1e\+38 in row 1.*at most 1e\+37/)
    const weights = Float32Array.of(1, 1e16, 1)
    expect(() => train({ features: x, target: numbers([1, 2, 3]), weights })).toThrow(/weight of training row 1/)
    const validation = { features: x, target: numbers([1, -1, 3]) }
    const data = { features: x, target: numbers([1, 2, 3]), validation }
    expect(() => train(data, { objective: 'poisson' })).toThrow(/validation target is -1 in row 1/)
  })

  it('does not come of rare large counts: a step on the log link has a limit', () => {
    const rows = 8000
    const x = Float32Array.from({ length: rows }, (_, i) => i)
    const counts = Float64Array.from(x, (i) => (i % 1000 === 7 ? 1000 : i % 5 === 0 ? 1 : 0))
    const flag = x.map((i) => (i % 1000 === 7 ? 1 : 0))
    const data = { features: matrix({ flag, x }), target: numbers(counts) }
    const model = train(data, { objective: 'poisson', rounds: 200, minLeafRows: 5, learningRate: 0.3 })
    const rare = predicted(model, data.features).filter((_, i) => flag[i] === 1)
    expect(Math.abs(meanOf(rare) / 1000 - 1)).toBeLessThan(0.2)
  })
})

describe('a metric by name', () => {
  it('is measured in double precision, far from zero as well', () => {
    const far = numbers(signal.map((value) => 1.6e9 + value))
    const data = { features, target: far, validation: { features, target: far } }
    const { history } = train(data, { metric: 'rmse', rounds: 20 })
    const near = { features, target: numbers(signal), validation: { features, target: numbers(signal) } }
    const expected = train(near, { metric: 'rmse', rounds: 20 }).history.metric!.at(-1)!
    expect(history.metric!.at(-1)! / expected).toBeCloseTo(1, 2)
  })

  it('has to be defined on the validation rows', () => {
    const all = Array.from(signal, (value) => Number(value > 0))
    const data = { features, target: binary(all), validation: { features, target: binary(all.map(() => 1)) } }
    expect(() => train(data, { metric: 'rocAuc' })).toThrow(/'rocAuc' is not defined/)
  })
})

describe('what an objective cannot learn is refused', () => {
  it.each([
    ['poisson', [-1, 2], /values of 0 or more.*-1 in row 0/],
    ['gamma', [0, 2], /values above 0/],
    ['poisson', [0, 0], /all targets are 0/],
    ['logistic', [1, 2], /cannot learn a target of numbers/],
  ] as const)('%s', (objective, values, message) => {
    expect(() => train({ features: matrix({ x: [1, 2] }), target: numbers(values) }, { objective })).toThrow(message)
  })

  it('squared error of classes', () => {
    const target = binary([0, 1])
    expect(() => train({ features: matrix({ x: [1, 2] }), target }, { objective: 'squared' })).toThrow(/2 classes/)
  })
})
