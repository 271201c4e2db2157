import type { EncodedColumn } from './encoded-column.ts'

/** Share of the variance that an identity may leave open: rounding, not randomness. */
const UNEXPLAINED = 1e-6
const MOST_CANDIDATES = 40
const MOST_TERMS = 4

export interface LinearIdentity {
  readonly columns: readonly string[]
  /** Weights of the columns in the sum that gives the target. */
  readonly weights: readonly number[]
  readonly r2: number
  readonly n: number
}

/**
 * Few numeric columns whose weighted sum is the target (parts of a total): columns are taken up one at a time by how much
 * they explain, with least squares over the rows where all are present. Null where none make it up.
 */
export function findLinearIdentity(features: readonly EncodedColumn[], target: Float64Array): LinearIdentity | null {
  const candidates = features.filter((column) => column.isNumeric)
  const rows = completeRows(target)
  if (rows.length < 20) return null
  const goal = standardised(rows.map((row) => target[row]!))
  if (!goal) return null
  const columns = candidates
    .flatMap((column) => {
      const values = standardised(rows.map((row) => column.values[row]!))
      return values ? [{ name: column.name, ...values, strength: Math.abs(dot(values.unit, goal.unit)) }] : []
    })
    .sort((a, b) => b.strength - a.strength)
    .slice(0, MOST_CANDIDATES)
  // Taking up the best column first can miss a pair that only works together, so each column gets to be the first.
  for (const first of columns.slice(0, 12)) {
    const found = growFrom(first, columns, goal.unit)
    if (!found) continue
    const weights = found.coefficients.map((weight, k) => (weight * goal.scale) / found.chosen[k]!.scale)
    return { columns: found.chosen.map(({ name }) => name), weights, r2: found.r2, n: rows.length }
  }
  return null
}

function completeRows(target: Float64Array): number[] {
  const rows: number[] = []
  for (let row = 0; row < target.length && rows.length < 5000; row++) if (!Number.isNaN(target[row]!)) rows.push(row)
  return rows
}

interface Standardised {
  readonly unit: Float64Array
  /** Root of the sum of squares around the mean. */
  readonly scale: number
}

/** Null where values are missing or do not vary: an identity that only sometimes holds is none. */
function standardised(values: readonly number[]): Standardised | null {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const centred = Float64Array.from(values, (value) => value - mean)
  const scale = Math.sqrt(dot(centred, centred))
  return scale > 0 && Number.isFinite(scale) ? { unit: centred.map((value) => value / scale), scale } : null
}

interface Candidate extends Standardised {
  readonly name: string
}

interface Grown {
  readonly chosen: readonly Candidate[]
  readonly coefficients: readonly number[]
  readonly r2: number
}

/** Matching pursuit with orthogonalised columns (Gram-Schmidt); coefficients by back substitution. */
function growFrom(first: Candidate, columns: readonly Candidate[], goal: Float64Array): Grown | null {
  const chosen: Candidate[] = []
  const basis: Float64Array[] = []
  let residual = goal
  let next: Candidate | undefined = first
  while (next && chosen.length < MOST_TERMS) {
    const direction = orthogonalTo(next.unit, basis)
    if (!direction) return null
    chosen.push(next)
    basis.push(direction)
    residual = minus(residual, direction, dot(residual, direction))
    const open = dot(residual, residual)
    if (open < UNEXPLAINED) return { chosen, coefficients: coefficientsOf(chosen, basis, goal), r2: 1 - open }
    next = mostExplaining(columns, chosen, basis, residual)
  }
  return null
}

function mostExplaining(
  columns: readonly Candidate[],
  chosen: readonly Candidate[],
  basis: readonly Float64Array[],
  residual: Float64Array,
): Candidate | undefined {
  let best: Candidate | undefined
  let most = 0
  for (const column of columns) {
    if (chosen.includes(column)) continue
    const direction = orthogonalTo(column.unit, basis)
    const gain = direction ? Math.abs(dot(residual, direction)) : 0
    if (gain > most) [best, most] = [column, gain]
  }
  return best
}

function orthogonalTo(vector: Float64Array, basis: readonly Float64Array[]): Float64Array | null {
  const rest = basis.reduce((left, direction) => minus(left, direction, dot(left, direction)), vector)
  const length = Math.sqrt(dot(rest, rest))
  return length > 1e-6 ? rest.map((value) => value / length) : null
}

/** Solves the triangular system that Gram-Schmidt leaves. */
function coefficientsOf(chosen: readonly Candidate[], basis: readonly Float64Array[], goal: Float64Array): number[] {
  const coefficients = new Array<number>(chosen.length).fill(0)
  for (let k = chosen.length - 1; k >= 0; k--) {
    let sum = dot(goal, basis[k]!)
    for (let j = k + 1; j < chosen.length; j++) sum -= coefficients[j]! * dot(chosen[j]!.unit, basis[k]!)
    coefficients[k] = sum / dot(chosen[k]!.unit, basis[k]!)
  }
  return coefficients
}

const minus = (a: Float64Array, b: Float64Array, weight: number): Float64Array =>
  a.map((value, i) => value - weight * b[i]!)

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
