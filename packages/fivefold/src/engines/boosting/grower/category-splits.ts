import { CATEGORY_RESULT_BYTES, FEATURE_HISTOGRAM_BYTES } from '../kernels/memory-layout.ts'
import type { Workspace } from '../kernels/workspace.ts'
import { shrunk } from './newton-step.ts'

/** A result is score, feature (-1 for none), gradient and hessian sums on the left, as doubles, and the set of bins. */
const RESULT_DOUBLES = 4

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

interface Category {
  readonly bin: number
  readonly gradient: number
  readonly hessian: number
  readonly rows: number
}

interface Side {
  readonly score: number
  readonly gradient: number
  readonly hessian: number
  readonly bins: readonly number[]
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
      const categories = readCategories(workspace, histogram, feature, binCount, counts, {
        inverseG,
        inverseH,
        rowsPerHessian: rowCount / hessian,
      })
      const best = oneHot
        ? bestSide(
            categories.map((category) => [category]),
            limits,
          )
        : bestOfOrder(categories, limits, params.categorySmoothing, params.maxSplitCategories)
      writeResult(workspace, out, feature, best, inverseG, inverseH)
    },
  }
}

function readCategories(
  { int32, uint32 }: Workspace,
  histogram: number,
  feature: number,
  binCount: number,
  counts: number,
  units: { inverseG: number; inverseH: number; rowsPerHessian: number },
): Category[] {
  const cells = (histogram + feature * FEATURE_HISTOGRAM_BYTES) / 4
  const categories: Category[] = []
  for (let bin = 0; bin < binCount; bin++) {
    const hessian = uint32[cells + bin * 2]!
    const rows = counts === 0 ? hessian * units.rowsPerHessian : uint32[counts / 4 + feature * 256 + bin]!
    if (hessian === 0 && rows === 0) continue
    categories.push({
      bin,
      gradient: int32[cells + bin * 2 + 1]! * units.inverseG,
      hessian: hessian * units.inverseH,
      rows,
    })
  }
  return categories
}

/**
 * In the order of gradient over hessian the best two-way split is between neighbours (Fisher, 1958; Breiman et al.,
 * 1984). Categories are taken from either end, few enough of them and in groups large enough not to follow noise, after
 * LightGBM (Ke et al., 2017).
 */
function bestOfOrder(
  categories: readonly Category[],
  limits: Limits,
  smoothing: number,
  most: number,
): Side | undefined {
  const rank = ({ gradient, hessian }: Category): number => gradient / (hessian + smoothing)
  const usable = categories.filter(({ rows }) => rows >= smoothing)
  const ordered = usable.sort((a, b) => rank(a) - rank(b) || a.bin - b.bin)
  const length = Math.min(most, (ordered.length + 1) >> 1)
  const fromLow = bestPrefix(ordered.slice(0, length), limits)
  const fromHigh = bestPrefix(ordered.slice(ordered.length - length).reverse(), limits)
  if (fromLow === undefined || fromHigh === undefined) return fromLow ?? fromHigh
  return fromHigh.score > fromLow.score ? fromHigh : fromLow
}

function bestPrefix(ordered: readonly Category[], limits: Limits): Side | undefined {
  const prefixes: Category[][] = []
  let inGroup = 0
  for (const [i, { rows }] of ordered.entries()) {
    inGroup += rows
    if (inGroup < limits.minGroupRows) continue
    prefixes.push(ordered.slice(0, i + 1))
    inGroup = 0
  }
  return bestSide(prefixes, limits)
}

function bestSide(sides: readonly (readonly Category[])[], limits: Limits): Side | undefined {
  let best: Side | undefined
  for (const side of sides) {
    const scored = scoreSide(side, limits)
    if (scored !== undefined && (best === undefined || scored.score > best.score)) best = scored
  }
  return best
}

function scoreSide(side: readonly Category[], limits: Limits): Side | undefined {
  let [gradient, hessian, rows] = [0, 0, 0]
  for (const category of side) {
    gradient += category.gradient
    hessian += category.hessian
    rows += category.rows
  }
  const otherRows = limits.rows - rows
  const otherHessian = limits.hessian - hessian
  if (Math.min(rows, otherRows) < limits.minRows || otherRows < limits.minGroupRows) return undefined
  if (Math.min(hessian, otherHessian) < limits.minHessian) return undefined
  const left = shrunk(gradient, limits.l1) ** 2 / (hessian + limits.l2)
  const right = shrunk(limits.gradient - gradient, limits.l1) ** 2 / (otherHessian + limits.l2)
  return { score: left + right, gradient, hessian, bins: side.map(({ bin }) => bin) }
}

function writeResult(
  { float64, uint32 }: Workspace,
  out: number,
  feature: number,
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
  for (const bin of best.bins) words[bin >> 5]! |= 1 << (bin & 31)
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
