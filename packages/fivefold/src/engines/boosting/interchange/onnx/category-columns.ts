import { FivefoldError } from '../../../../core/index.ts'
import { goesLeft, type Trees } from '../../model/trees.ts'

/**
 * Tree ensembles of ONNX have no splits by category before opset 5 of ai.onnx.ml, and where later ones have, runtimes walk
 * chains of comparisons. So categories are renumbered: in a column of numbers made for it, a split's categories are those up
 * to a threshold, and the ensemble has thresholds alone. Splits of a tree share a column where an order of the categories
 * serves them all: below a split by category its two sides order their own categories as they like.
 */
export interface CategoryColumns {
  /** Columns of each feature that is split by category, in the order in which they are numbered. */
  readonly tables: readonly CategoryTable[]
  /** For each node that splits by category. */
  readonly tests: ReadonlyMap<number, CategoryTest>
}

interface CategoryTable {
  readonly feature: number
  /** Codes 0 .. codeCount - 1 have rows; then follow a row for all other codes and one for missing values. */
  readonly codeCount: number
  readonly columnCount: number
  /** [(codeCount + 2) x columnCount] */
  readonly values: Float32Array
}

export interface CategoryTest {
  /** Over all tables. */
  readonly column: number
  readonly threshold: number
  /** Whether values up to the threshold go left. */
  readonly lowIsLeft: boolean
}

/** 64 MiB of table; one thousand columns of sixteen thousand categories. */
const MAX_VALUES = 2 ** 24

/** @throws MODEL_UNSUPPORTED where the tables would be larger than any graph should be */
export function planCategoryColumns(trees: Trees): CategoryColumns {
  const plans = planFeatures(trees)
  for (let tree = 0; tree + 1 < trees.starts.length; tree++) planTree(trees, tree, plans)
  return numberColumns(plans)
}

/** Categories that no test so far tells apart. */
interface Block {
  codes: readonly number[]
}

interface Column {
  readonly blocks: Block[]
}

interface PlannedTest {
  readonly column: Column
  /** The last block of the low side, undefined where that side is empty. */
  readonly last: Block | undefined
  readonly lowIsLeft: boolean
}

interface FeaturePlan {
  readonly codeCount: number
  readonly columns: Column[]
  readonly tests: Map<number, PlannedTest>
}

function planFeatures({ feature, categorySet, sets }: Trees): Map<number, FeaturePlan> {
  const plans = new Map<number, FeaturePlan>()
  for (const [node, set] of categorySet.entries()) {
    if (set < 0) continue
    const codeCount = (sets.starts[set + 1]! - sets.starts[set]!) * 32
    const known = plans.get(feature[node]!)
    if (known === undefined || known.codeCount < codeCount)
      plans.set(feature[node]!, { codeCount, columns: [], tests: new Map() })
  }
  return plans
}

/** Which codes can come to a node, by feature; features that are not there have all of theirs. */
type Reach = ReadonlyMap<number, readonly number[]>

function planTree(trees: Trees, tree: number, plans: ReadonlyMap<number, FeaturePlan>): void {
  const root = trees.starts[tree]!
  const columns = new Map([...plans.keys()].map((feature) => [feature, [] as Column[]]))
  const pending: { node: number; reach: Reach }[] = [{ node: root, reach: new Map() }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, reach } = next
    const feature = trees.feature[node]!
    if (feature < 0) continue
    const left = root + trees.left[node]!
    if (trees.categorySet[node]! < 0) {
      pending.push({ node: left, reach }, { node: left + 1, reach })
      continue
    }
    const plan = plans.get(feature)!
    const codes = reach.get(feature) ?? allCodes(plan)
    const isLeft = (code: number): boolean => goesLeft(trees, node, code > plan.codeCount ? Number.NaN : code)
    const sides = { left: codes.filter(isLeft), right: codes.filter((code) => !isLeft(code)) }
    plan.tests.set(node, placeTest(sides, plan, columns.get(feature)!))
    pending.push(
      { node: left, reach: new Map(reach).set(feature, sides.left) },
      { node: left + 1, reach: new Map(reach).set(feature, sides.right) },
    )
  }
}

/** With the code that stands for unknown ones, and that for missing values. */
function allCodes({ codeCount }: FeaturePlan): number[] {
  return Array.from({ length: codeCount + 2 }, (_, code) => code)
}

interface Sides {
  readonly left: readonly number[]
  readonly right: readonly number[]
}

/** Takes the tree's first column whose order has, or can be refined to have, one side before the other. */
function placeTest({ left, right }: Sides, plan: FeaturePlan, ofTree: Column[]): PlannedTest {
  for (const column of ofTree) {
    const leftFirst = refine(column, left, right)
    if (leftFirst) return { column, last: leftFirst.last, lowIsLeft: true }
    const rightFirst = refine(column, right, left)
    if (rightFirst) return { column, last: rightFirst.last, lowIsLeft: false }
  }
  const column: Column = { blocks: [{ codes: allCodes(plan) }] }
  ofTree.push(column)
  plan.columns.push(column)
  return { column, last: refine(column, left, right)!.last, lowIsLeft: true }
}

/** A cut with `low` before it and `high` behind it; undefined where the order is already another. */
function refine(
  { blocks }: Column,
  low: readonly number[],
  high: readonly number[],
): { last: Block | undefined } | undefined {
  const [isLow, isHigh] = [new Set(low), new Set(high)]
  const lastLow = blocks.findLastIndex(({ codes }) => codes.some((code) => isLow.has(code)))
  const found = blocks.findIndex(({ codes }) => codes.some((code) => isHigh.has(code)))
  const firstHigh = found < 0 ? blocks.length : found
  if (lastLow > firstHigh) return undefined
  if (lastLow < firstHigh) return { last: blocks[lastLow] }
  // The block stays the second part, so that tests which end with it still do.
  const block = blocks[lastLow]!
  const first = { codes: block.codes.filter((code) => isLow.has(code)) }
  block.codes = block.codes.filter((code) => !isLow.has(code))
  blocks.splice(lastLow, 0, first)
  return { last: first }
}

function numberColumns(plans: ReadonlyMap<number, FeaturePlan>): CategoryColumns {
  const tables: CategoryTable[] = []
  const tests = new Map<number, CategoryTest>()
  let firstColumn = 0
  for (const [feature, plan] of plans) {
    tables.push(tableOf(feature, plan))
    const columnOf = new Map(plan.columns.map((column, i) => [column, firstColumn + i]))
    const positions = new Map(plan.columns.flatMap(({ blocks }) => blocks.map((block, i) => [block, i] as const)))
    for (const [node, { column, last, lowIsLeft }] of plan.tests) {
      const threshold = last === undefined ? -1 : positions.get(last)!
      tests.set(node, { column: columnOf.get(column)!, threshold, lowIsLeft })
    }
    firstColumn += plan.columns.length
  }
  return { tables, tests }
}

function tableOf(feature: number, { codeCount, columns }: FeaturePlan): CategoryTable {
  const size = (codeCount + 2) * columns.length
  if (size > MAX_VALUES)
    throw new FivefoldError(
      'MODEL_UNSUPPORTED',
      `splits by ${codeCount} categories in ${columns.length} ways take more than 64 MiB of an ONNX graph`,
      { remedy: 'Group rare categories before training.' },
    )
  const values = new Float32Array(size)
  for (const [i, { blocks }] of columns.entries())
    for (const [position, { codes }] of blocks.entries())
      for (const code of codes) values[code * columns.length + i] = position
  return { feature, codeCount, columnCount: columns.length, values }
}
