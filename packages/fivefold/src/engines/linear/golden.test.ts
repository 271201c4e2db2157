import { describe, expect, it } from 'vitest'
import { createContext } from '../../core/index.ts'
import type { Target } from '../../data/index.ts'
import { type LinearParams, trainLinear } from './index.ts'

/**
 * Coefficients of scikit-learn 1.9.1 (Python 3.11) on the rows below, with tol=1e-12: LogisticRegression (C = 1 / l2;
 * newton-cholesky, saga with l1_ratio=0.7, lbfgs for three classes), Ridge(alpha=3), ElasticNet(alpha=0.2,
 * l1_ratio=0.6) and ElasticNet(alpha=0.3, l1_ratio=1).
 */
const ROWS = 120
const WIDTH = 4

function lcg(count: number, seed: number): number[] {
  let state = seed
  return Array.from({ length: count }, () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    return state / 2 ** 32
  })
}

const uniforms = lcg(ROWS * WIDTH, 1)
const [factors, shifts] = [
  [1, 2, 10, 0.5],
  [0, 1, -3, 5],
]
const values = factors!.map((factor, j) =>
  Float32Array.from({ length: ROWS }, (_, i) => uniforms[i * WIDTH + j]! * factor + shifts![j]!),
)
const noise = lcg(ROWS, 2).map((u) => u - 0.5)
const scores = noise.map((e, i) => values[0]![i]! * 2 - values[1]![i]! + 0.3 * values[2]![i]! + e * 2)
const features = { rowCount: ROWS, names: ['a', 'b', 'c', 'd'], values }
const weights = Float32Array.from(lcg(ROWS, 3), (u) => 0.5 + u)

const binary: Target = {
  kind: 'classes',
  classes: ['no', 'yes'],
  codes: Int32Array.from(scores, (s) => (s > -0.4036128761712462 ? 1 : 0)),
}
const three: Target = {
  kind: 'classes',
  classes: ['0', '1', '2'],
  codes: Int32Array.from(scores, (s) => Number(s >= -1.0599955532047898) + Number(s >= 0.35228852257132526)),
}
const number: Target = { kind: 'number', values: Float64Array.from(scores, (s) => s * 3 + 1) }

interface Golden {
  readonly name: string
  readonly target: Target
  readonly params: Partial<LinearParams>
  readonly weights?: Float32Array
  readonly coefficients: readonly number[]
  readonly intercepts: readonly number[]
}

const GOLDEN: readonly Golden[] = [
  {
    name: 'logistic regression',
    target: binary,
    params: { l2: 2 },
    coefficients: [1.514624205, -1.471766503, 0.588020126, 0.139016582],
    intercepts: [0.262982371],
  },
  {
    name: 'weighted logistic regression',
    target: binary,
    params: { l2: 0.5 },
    weights,
    coefficients: [3.14656756, -2.090564954, 0.757461747, 0.140827905],
    intercepts: [0.287642221],
  },
  {
    name: 'logistic regression without intercept',
    target: binary,
    params: { l2: 1, fitIntercept: false },
    coefficients: [2.234909918, -1.774611441, 0.649225633, 0.21053519],
    intercepts: [0],
  },
  {
    name: 'logistic elastic net',
    target: binary,
    params: { l1: 0.7 / 0.5, l2: 0.3 / 0.5 },
    coefficients: [1.910064049, -1.586167918, 0.606859263, 0],
    intercepts: [0.977707972],
  },
  {
    name: 'softmax regression',
    target: three,
    params: { l2: 1 },
    coefficients: [
      -1.892147374, 1.757760083, -0.596832562, -0.02993122, -0.594678783, -0.129120257, 0.05672462, 0.081579579,
      2.486826157, -1.628639826, 0.540107942, -0.051648359,
    ],
    intercepts: [-1.68622401, 0.836889228, 0.849334781],
  },
  {
    name: 'ridge',
    target: number,
    params: { l2: 3 },
    coefficients: [5.090076959, -2.888202725, 0.931525759, -0.302529142],
    intercepts: [2.887744415],
  },
  {
    name: 'weighted ridge',
    target: number,
    params: { l2: 3 },
    weights,
    coefficients: [5.17623597, -2.908498543, 0.958599725, -0.4565658],
    intercepts: [3.59928502],
  },
  {
    name: 'elastic net',
    target: number,
    params: { l1: ROWS * 0.2 * 0.6, l2: ROWS * 0.2 * 0.4 },
    coefficients: [2.549843955, -2.363131926, 0.895143782, 0],
    intercepts: [1.65316344],
  },
  {
    name: 'lasso',
    target: number,
    params: { l1: ROWS * 0.3, l2: 0 },
    coefficients: [2.872990895, -2.364845379, 0.882741744, 0],
    intercepts: [1.509236764],
  },
]

describe('against scikit-learn', () => {
  it.each(GOLDEN)('$name', async ({ target, params, weights, coefficients, intercepts }) => {
    const data = { features, target, ...(weights && { weights }) }
    const model = await trainLinear(data, { ...params, tolerance: 1e-8 }, createContext())
    expect(model.converged).toBe(true)
    expectNear(model.coefficients, coefficients, 1e-4)
    expectNear(model.intercepts, intercepts, 1e-4)
  })

  it.each(GOLDEN)('$name, with default tolerance', async ({ target, params, weights, coefficients }) => {
    const data = { features, target, ...(weights && { weights }) }
    const model = await trainLinear(data, params, createContext())
    expectNear(model.coefficients, coefficients, 1e-3)
  })
})

function expectNear(computed: Float64Array, expected: readonly number[], within: number): void {
  expect(computed.length).toBe(expected.length)
  expected.forEach((value, i) => {
    expect(computed[i], `value ${i}`).toSatisfy((x: number) => Math.abs(x - value) < within)
  })
}
