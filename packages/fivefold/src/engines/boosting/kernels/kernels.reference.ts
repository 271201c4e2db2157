// What each WebAssembly kernel computes, in the plainest TypeScript. Tests hold the two equal; nothing else uses this.

import { goesLeft, type Trees } from '../model/trees.ts'

/** A record: row number, quantised hessian and gradient. */
export interface ReferenceRecord {
  readonly row: number
  readonly hessian: number
  readonly gradient: number
}

/** Gradient and hessian sums of one bin. */
export interface ReferenceCell {
  gradient: number
  hessian: number
  rows: number
}

export function referenceBin(value: number, cuts: readonly number[]): number {
  return Number.isNaN(value) ? 255 : cuts.filter((cut) => cut < value).length
}

export function referenceLogisticLoss(score: number, target: number): number {
  return Math.log1p(Math.exp(target === 1 ? -score : score))
}

export function referenceSoftmax(scores: readonly number[]): number[] {
  const powers = scores.map((score) => Math.exp(score - Math.max(...scores)))
  const total = powers.reduce((a, b) => a + b)
  return powers.map((power) => power / total)
}

/** Gradient and hessian of one row: squared error where `classCode` is undefined, else that class against the rest. */
export function referenceGradient(
  prediction: number,
  target: number,
  weight: number,
  classCode: number | undefined,
  hessianFactor: number,
): { gradient: number; hessian: number } {
  if (classCode === undefined) return { gradient: (prediction - target) * weight, hessian: weight }
  const isClass = target === classCode ? 1 : 0
  const variance = prediction * (1 - prediction) * hessianFactor
  return { gradient: (prediction - isClass) * weight, hessian: variance * weight }
}

/** 256 cells of one feature. */
export function referenceHistogram(
  records: readonly ReferenceRecord[],
  binOf: (row: number) => number,
): ReferenceCell[] {
  const cells = Array.from({ length: 256 }, (): ReferenceCell => ({ gradient: 0, hessian: 0, rows: 0 }))
  for (const { row, gradient, hessian } of records) {
    const cell = cells[binOf(row)]!
    cell.gradient += gradient
    cell.hessian += hessian
    cell.rows++
  }
  return cells
}

export interface ReferenceSplit {
  readonly score: number
  readonly feature: number
  readonly bin: number
  readonly missingLeft: boolean
}

interface ReferenceLimits {
  readonly l1: number
  readonly l2: number
  readonly minHessian: number
  readonly minRows: number
}

/** Tries every feature, cut and side of the missing values. */
export function referenceBestSplit(
  histograms: readonly (readonly ReferenceCell[])[],
  binCounts: readonly number[],
  limits: ReferenceLimits,
): ReferenceSplit {
  let best: ReferenceSplit = { score: 0, feature: -1, bin: 0, missingLeft: false }
  for (const [feature, cells] of histograms.entries()) {
    for (const missingLeft of [false, true]) {
      for (let bin = 0; bin < binCounts[feature]!; bin++) {
        const score = referenceSplitScore(cells, bin, missingLeft, limits)
        if (score > best.score) best = { score, feature, bin, missingLeft }
      }
    }
  }
  return best
}

/** 0 where the limits forbid the split. */
export function referenceSplitScore(
  cells: readonly ReferenceCell[],
  bin: number,
  missingLeft: boolean,
  { l1, l2, minHessian, minRows }: ReferenceLimits,
): number {
  const score = (cell: ReferenceCell): number => Math.max(Math.abs(cell.gradient) - l1, 0) ** 2 / (cell.hessian + l2)
  const isAllowed = (cell: ReferenceCell): boolean => cell.hessian >= minHessian && cell.rows >= minRows
  const left = sumCells(cells.filter((_, index) => index <= bin || (missingLeft && index === 255)))
  const right = sumCells(cells.filter((_, index) => index > bin && !(missingLeft && index === 255)))
  return isAllowed(left) && isAllowed(right) ? score(left) + score(right) : 0
}

function sumCells(cells: readonly ReferenceCell[]): ReferenceCell {
  const sum = { gradient: 0, hessian: 0, rows: 0 }
  for (const cell of cells) {
    sum.gradient += cell.gradient
    sum.hessian += cell.hessian
    sum.rows += cell.rows
  }
  return sum
}

export function referenceGoesLeft(bin: number, splitBin: number, missingLeft: boolean): boolean {
  return bin === 255 ? missingLeft : bin <= splitBin
}

/** Sum of one output's leaf values for one row, in the order of the trees. */
export function referenceScore(trees: Trees, output: number, base: number, row: number[]): number {
  let score = base
  for (let tree = 0; tree + 1 < trees.starts.length; tree++) {
    if (trees.output[tree] !== output) continue
    const root = trees.starts[tree]!
    let node = root
    while (trees.feature[node]! >= 0) {
      node = root + trees.left[node]! + (goesLeft(trees, node, row[trees.feature[node]!]!) ? 0 : 1)
    }
    score += trees.value[node]!
  }
  return score
}
