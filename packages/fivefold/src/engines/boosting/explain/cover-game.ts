import { featureColumns, type LeafGame } from './leaf-game.ts'
import type { LeafPath } from './leaf-path.ts'
import { quadratureForDegree } from './quadrature.ts'

/**
 * Path-dependent values: features outside a coalition follow each side of a split by its cover (Lundberg, Erion and Lee,
 * 2018). The worth of a coalition S is v prod_S o_i prod_(not S) z_i, with o_i = 1 where the row stays on the path and
 * z_i the share that the feature's splits let pass. The Shapley value is the integral over t in [0, 1] of the
 * derivative of v prod (z_i (1 - t) + o_i t) by the i-th factor (Owen, 1972): a polynomial in t, which Gauss-Legendre
 * quadrature integrates exactly. All its terms are positive, so nothing cancels, and it takes linear time a point where
 * the recursion of TreeSHAP takes quadratic time.
 */
export function createCoverGame(): LeafGame {
  const product = createProduct()
  return {
    columnCount: (featureCount) => featureCount,
    columnsOf: featureColumns,
    open: product.open,
    evaluate: (strays, out, at) => {
      const { count } = product.enter(strays)
      out.fill(0, at, at + count)
      for (let point = 0; point < product.pointCount(); point++) addOwn(product.at(point), out, at)
    },
  }
}

/**
 * SHAP interaction values (Fujimoto, Kojadinovic and Marichal, 2006; Lundberg et al., 2020): after the features' own
 * values one for each pair, half of the integral of the mixed derivative; pairs of features (i, j), i < j, are counted
 * (0, 1), (0, 2), ..., (1, 2), ...
 */
export function createCoverInteractionGame(): LeafGame {
  const product = createProduct()
  return {
    columnCount: (featureCount) => featureCount + pairCount(featureCount),
    columnsOf: pairColumns,
    open: product.open,
    evaluate: (strays, out, at) => {
      const { count } = product.enter(strays)
      out.fill(0, at, at + count + pairCount(count))
      for (let point = 0; point < product.pointCount(); point++) {
        const factors = product.at(point)
        addOwn(factors, out, at)
        addPairs(factors, out, at + count)
      }
    },
  }
}

/** Column of the pair of features i < j. */
export function pairColumn(i: number, j: number, featureCount: number): number {
  return featureCount + pairIndex(i, j, featureCount)
}

const pairCount = (count: number): number => (count * (count - 1)) / 2

const pairIndex = (i: number, j: number, count: number): number => (i * (2 * count - i - 1)) / 2 + (j - i - 1)

function pairColumns(path: LeafPath, featureCount: number, columns: number[]): number {
  const { count, features } = path
  let at = featureColumns(path, featureCount, columns)
  for (let i = 0; i < count; i++)
    for (let j = i + 1; j < count; j++) {
      const [a, b] = [features[i]!, features[j]!]
      columns[at++] = a < b ? pairColumn(a, b, featureCount) : pairColumn(b, a, featureCount)
    }
  return at
}

/** The product z_i (1 - t) + o_i t over the features of a path, for a row and a point t. */
interface Factors {
  count: number
  factor: Float64Array
  /** Products of the factors before each. */
  before: Float64Array
  /** o_i - z_i. */
  step: Float64Array
  /** Leaf value times the point's weight. */
  scale: number
}

interface Product {
  open(path: LeafPath, value: number): void
  pointCount(): number
  /** Takes a row in. */
  enter(strays: Uint8Array): Factors
  /** The row's factors at a point of the quadrature rule; good until the next call. */
  at(point: number): Factors
}

function createProduct(): Product {
  let shares: readonly number[] = []
  let value = 0
  let rule = quadratureForDegree(0)
  let row: Uint8Array = new Uint8Array(0)
  const factors = { count: 0, scale: 0, ...roomFor(32) }
  return {
    open: (path, leafValue) => {
      shares = path.shares
      value = leafValue
      rule = quadratureForDegree(Math.max(0, path.count - 1))
      factors.count = path.count
      if (factors.factor.length < path.count) Object.assign(factors, roomFor(2 * path.count))
    },
    pointCount: () => rule.points.length,
    enter: (strays) => {
      row = strays
      const { step, count } = factors
      for (let i = 0; i < count; i++) step[i] = 1 - strays[i]! - shares[i]!
      return factors
    },
    at: (point) => {
      const t = rule.points[point]!
      const { factor, before, count } = factors
      let product = 1
      for (let i = 0; i < count; i++) {
        before[i] = product
        factor[i] = shares[i]! * (1 - t) + (1 - row[i]!) * t
        product *= factor[i]!
      }
      factors.scale = value * rule.weights[point]!
      return factors
    },
  }
}

function roomFor(count: number): Pick<Factors, 'factor' | 'before' | 'step'> {
  return { factor: new Float64Array(count), before: new Float64Array(count), step: new Float64Array(count) }
}

/** Adds the product of all factors but one, for each. Without division: a factor may be 0. */
function addOwn({ count, factor, before, step, scale }: Factors, out: Float64Array, at: number): void {
  let after = scale
  for (let i = count - 1; i >= 0; i--) {
    out[at + i]! += step[i]! * before[i]! * after
    after *= factor[i]!
  }
}

/** Adds the product of all factors but two. Backwards over the later one, so that what follows it is one product. */
function addPairs({ count, factor, before, step, scale }: Factors, out: Float64Array, at: number): void {
  let after = scale / 2
  for (let j = count - 1; j > 0; j--) {
    let between = step[j]! * after
    for (let i = j - 1; i >= 0; i--) {
      out[at + pairIndex(i, j, count)]! += step[i]! * before[i]! * between
      between *= factor[i]!
    }
    after *= factor[j]!
  }
}
