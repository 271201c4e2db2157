import { featureCells } from '../binning/cell-tables.ts'
import { CATEGORY_RESULT_BYTES } from '../kernels/memory-layout.ts'
import type { Workspace } from '../kernels/workspace.ts'
import { shrunk } from './newton-step.ts'

/** A result is score, feature (-1 for none), gradient and hessian sums on the left, as doubles, and the set of bins. */
const RESULT_DOUBLES = 4
const MAX_CATEGORIES = 255

/** The search for splits by category, one feature a call. */
export interface CategoryTasks {
  /**
   * Sums are in integer units, inverse scales turn them into real ones. `counts` is the address of the rows by bin, or 0
   * where they are to be estimated from hessians. Writes a result at `out`.
   */
  findCategorySplit(
    histogram: number,
    feature: number,
    gradient: number,
    hessian: number,
    rowCount: number,
    inverseG: number,
    inverseH: number,
    minHessian: number,
    counts: number,
    out: number,
  ): void
}

/** Sums of a feature's categories by bin, in real units. Arrays are used again for every node: there are many. */
interface Categories {
  readonly gradient: Float64Array
  readonly hessian: Float64Array
  readonly rows: Float64Array
  /** Bins in the order in which they may move to the left, from either end. */
  readonly order: Uint8Array
  readonly keys: CategoryKeys
}

/** The bins order[from], order[from + step], ..., `length` of them, on the left. */
interface Side {
  readonly from: number
  readonly step: 1 | -1
  readonly length: number
  readonly score: number
  readonly gradient: number
  readonly hessian: number
}

/** What a candidate side is held against. Sums are in real units. */
interface Limits {
  readonly gradient: number
  readonly hessian: number
  readonly rows: number
  readonly minHessian: number
  readonly minRows: number
  readonly minGroupRows: number
  readonly l1: number
  readonly l2: number
}

export function createCategoryTasks(workspace: Workspace): CategoryTasks {
  const { job } = workspace
  const { params } = job
  const categories: Categories = {
    gradient: new Float64Array(MAX_CATEGORIES),
    hessian: new Float64Array(MAX_CATEGORIES),
    rows: new Float64Array(MAX_CATEGORIES),
    order: new Uint8Array(MAX_CATEGORIES),
    keys: createKeys(),
  }
  return {
    findCategorySplit: (
      ...[histogram, feature, gradient, hessian, rowCount, inverseG, inverseH, minHessian, counts, out]
    ) => {
      const binCount = job.categories[feature]!.codes.length
      const oneHot = binCount <= params.oneHotCategories
      const limits: Limits = {
        gradient: gradient * inverseG,
        hessian: hessian * inverseH,
        rows: rowCount,
        minHessian: minHessian * inverseH,
        minRows: params.minLeafRows,
        minGroupRows: oneHot ? 0 : params.minCategoryRows,
        l1: params.l1,
        l2: params.l2 + (oneHot ? 0 : params.categoryL2),
      }
      const units = { inverseG, inverseH, rowsPerHessian: rowCount / hessian }
      readCategories(workspace, categories, histogram, feature, binCount, counts, units)
      const best = oneHot
        ? bestAlone(categories, binCount, limits)
        : bestOfOrder(categories, binCount, limits, params.categorySmoothing, params.maxSplitCategories)
      writeResult(workspace, out, feature, categories, best, inverseG, inverseH)
    },
  }
}

function readCategories(
  workspace: Workspace,
  { gradient, hessian, rows }: Categories,
  histogram: number,
  feature: number,
  binCount: number,
  counts: number,
  units: { inverseG: number; inverseH: number; rowsPerHessian: number },
): void {
  const { int32, uint32 } = workspace
  const cells = (histogram + featureCells(workspace, feature).first) / 4
  for (let bin = 0; bin < binCount; bin++) {
    const steps = uint32[cells + bin * 2]!
    gradient[bin] = int32[cells + bin * 2 + 1]! * units.inverseG
    hessian[bin] = steps * units.inverseH
    rows[bin] = counts === 0 ? steps * units.rowsPerHessian : uint32[counts / 4 + feature * 256 + bin]!
  }
}

/** Each category against all others. */
function bestAlone(categories: Categories, binCount: number, limits: Limits): Side | undefined {
  let best: Side | undefined
  for (let bin = 0; bin < binCount; bin++) {
    categories.order[bin] = bin
    best = better(best, bestPrefix(categories, bin, 1, 1, limits))
  }
  return best
}

/**
 * In the order of gradient over hessian the best two-way split is between neighbours (Fisher, 1958; Breiman et al.,
 * 1984). Categories are taken from either end, few enough of them and in groups large enough not to follow noise, after
 * LightGBM (Ke et al., 2017).
 */
function bestOfOrder(
  categories: Categories,
  binCount: number,
  limits: Limits,
  smoothing: number,
  most: number,
): Side | undefined {
  const { gradient, hessian, rows, order, keys } = categories
  let usable = 0
  for (let bin = 0; bin < binCount; bin++)
    if (rows[bin]! >= smoothing && hessian[bin]! > 0)
      keys.set(usable++, gradient[bin]! / (hessian[bin]! + smoothing), bin)
  keys.sortInto(order, usable)
  const length = Math.min(most, (usable + 1) >> 1)
  if (length === 0) return undefined
  return better(bestPrefix(categories, 0, 1, length, limits), bestPrefix(categories, usable - 1, -1, length, limits))
}

/** Sorts bins by a number; native sorting of numbers is ten times faster than sorting by a function. */
interface CategoryKeys {
  set(index: number, key: number, bin: number): void
  sortInto(order: Uint8Array, count: number): void
}

function createKeys(): CategoryKeys {
  const keys = new Float64Array(MAX_CATEGORIES)
  const words = new Uint32Array(keys.buffer)
  return {
    set: (index, key, bin) => {
      keys[index] = key
      // The last of 52 bits of the mantissa make room for the bin, which also settles ties.
      words[2 * index] = (words[2 * index]! & ~0xff) | bin
    },
    sortInto: (order, count) => {
      keys.subarray(0, count).sort()
      for (let i = 0; i < count; i++) order[i] = words[2 * i]! & 0xff
    },
  }
}

function better(a: Side | undefined, b: Side | undefined): Side | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return b.score > a.score ? b : a
}

/** The best of the sides that are the first 1, 2, ... of `most` bins of the order. */
function bestPrefix(
  categories: Categories,
  from: number,
  step: 1 | -1,
  most: number,
  limits: Limits,
): Side | undefined {
  let [gradient, hessian, rows, inGroup] = [0, 0, 0, 0]
  let best: Side | undefined
  for (let i = 0; i < most; i++) {
    const bin = categories.order[from + i * step]!
    gradient += categories.gradient[bin]!
    hessian += categories.hessian[bin]!
    rows += categories.rows[bin]!
    inGroup += categories.rows[bin]!
    if (inGroup < limits.minGroupRows) continue
    inGroup = 0
    const score = scoreSide(gradient, hessian, rows, limits)
    if (score > (best?.score ?? 0)) best = { from, step, length: i + 1, score, gradient, hessian }
  }
  return best
}

/** 0 where a limit forbids the side. */
function scoreSide(gradient: number, hessian: number, rows: number, limits: Limits): number {
  const otherRows = limits.rows - rows
  const otherHessian = limits.hessian - hessian
  if (Math.min(rows, otherRows) < limits.minRows || otherRows < limits.minGroupRows) return 0
  if (Math.min(hessian, otherHessian) < limits.minHessian) return 0
  const left = shrunk(gradient, limits.l1) ** 2 / (hessian + limits.l2)
  return left + shrunk(limits.gradient - gradient, limits.l1) ** 2 / (otherHessian + limits.l2)
}

function writeResult(
  { float64, uint32 }: Workspace,
  out: number,
  feature: number,
  { order }: Categories,
  best: Side | undefined,
  inverseG: number,
  inverseH: number,
): void {
  const at = out / 8
  float64[at] = best?.score ?? 0
  float64[at + 1] = best === undefined ? -1 : feature
  if (best === undefined) return
  // Sums of integers in doubles: rounding brings the integers back.
  float64[at + 2] = Math.round(best.gradient / inverseG)
  float64[at + 3] = Math.round(best.hessian / inverseH)
  const words = uint32.subarray(out / 4 + RESULT_DOUBLES * 2, (out + CATEGORY_RESULT_BYTES) / 4).fill(0)
  for (let i = 0; i < best.length; i++) {
    const bin = order[best.from + i * best.step]!
    words[bin >> 5]! |= 1 << (bin & 31)
  }
}

export interface CategoryResult {
  readonly score: number
  readonly feature: number
  readonly leftGradient: number
  readonly leftHessian: number
  /** A bit for each bin, set where it goes left. */
  readonly leftBins: Uint32Array
}

export function readCategoryResult({ float64, uint32 }: Workspace, out: number): CategoryResult | undefined {
  const at = out / 8
  if (float64[at + 1]! < 0) return undefined
  return {
    score: float64[at]!,
    feature: float64[at + 1]!,
    leftGradient: float64[at + 2]!,
    leftHessian: float64[at + 3]!,
    leftBins: uint32.slice(out / 4 + RESULT_DOUBLES * 2, (out + CATEGORY_RESULT_BYTES) / 4),
  }
}
