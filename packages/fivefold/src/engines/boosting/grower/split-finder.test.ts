import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '../../../core/index.ts'
import { cellOf, featureCells, writeCellTables } from '../binning/cell-tables.ts'
import { allocateMemory, compileKernels } from '../kernels/kernels.ts'
import { planMemory } from '../kernels/memory-layout.ts'
import { createInlineTeam } from '../kernels/thread-team.ts'
import { openWorkspace, type Workspace } from '../kernels/workspace.ts'
import { resolveParams } from '../parameters.ts'
import { matrix, numbers } from '../training/tables.reference.ts'
import { prepareJob } from '../training/training-data.ts'
import { chooseFeatures } from './feature-choice.ts'
import { createSplitFinder, type SplitCandidate } from './split-finder.ts'

const SCALE = { gradient: 1, hessian: 1, isStochastic: false, isCoarse: false }
const [L1, L2] = [2, 1]

interface Cell {
  readonly gradient: number
  readonly hessian: number
}

function emptyWorkspace(categorical: string[]): Workspace {
  const features = matrix({ a: [0, 1, 2, 3], b: [0, 1, 2, 3] })
  const data = { features, target: numbers([0, 1, 2, 3]), categorical }
  // Of a category alone against the rest no smoothing and no extra penalty show.
  const params = {
    l1: L1,
    l2: L2,
    minLeafRows: 1,
    minLeafWeight: 0,
    oneHotCategories: 255,
    monotone: { a: 1 as const },
  }
  const job = prepareJob(data, resolveParams(params), 0)
  const layout = planMemory(job, 1)
  return openWorkspace({ job, layout, memory: allocateMemory(layout.totalBytes), module: compileKernels() }, 0)
}

/** The split that the finder makes of a node of these cells, one list a feature, with leaf values within [low, high]. */
function find(features: readonly (readonly Cell[])[], low: number, high: number, categorical: string[] = []) {
  const workspace = emptyWorkspace(categorical)
  const { layout, int32, job } = workspace
  const histogram = layout.histograms[0]!
  if (job.rules.directions !== undefined) int32.set(job.rules.directions, layout.directions / 4)
  for (const [feature, cells] of features.entries()) int32[layout.binCounts / 4 + feature] = cells.length
  writeCellTables(workspace)
  for (const [feature, cells] of features.entries())
    for (const [bin, { gradient, hessian }] of cells.entries())
      int32.set([hessian, gradient], (histogram + cellOf(featureCells(workspace, feature), bin)) / 4)
  const finder = createSplitFinder(
    workspace,
    createInlineTeam(workspace),
    SCALE,
    chooseFeatures(workspace, createRng(0)),
  )
  const node = { ...total(features[0]!), histogram, begin: 0, count: 4, values: { low, high }, depth: 0, path: [] }
  return finder.find([node])[0]
}

function total(cells: readonly Cell[]): Cell {
  const sum = (of: (cell: Cell) => number): number => cells.reduce((all, cell) => all + of(cell), 0)
  return { gradient: sum((cell) => cell.gradient), hessian: sum((cell) => cell.hessian) }
}

/** Best value of a leaf within bounds, and twice what it takes off the loss. */
function leafOf({ gradient, hessian }: Cell, low: number, high: number): { value: number; score: number } {
  const step = (-Math.sign(gradient) * Math.max(Math.abs(gradient) - L1, 0)) / (hessian + L2)
  const value = Math.min(Math.max(step, low), high)
  return { value, score: -(2 * gradient * value + (hessian + L2) * value ** 2 + 2 * L1 * Math.abs(value)) }
}

/** The largest gain of a cut of either feature; scores may only rise with the first one. */
function largestGain(features: readonly (readonly Cell[])[], low: number, high: number): number {
  const gains = features.flatMap((cells, feature) =>
    cells.slice(1).map((_, i) => {
      const [left, right] = [total(cells.slice(0, i + 1)), total(cells.slice(i + 1))].map((c) => leafOf(c, low, high))
      if (feature === 0 && left!.value > right!.value) return Number.NEGATIVE_INFINITY
      return left!.score + right!.score - leafOf(total(cells), low, high).score
    }),
  )
  return Math.max(...gains)
}

const cell = fc.record({ gradient: fc.integer({ min: -50, max: 50 }), hessian: fc.integer({ min: 1, max: 20 }) })
const fourCells = fc.array(cell, { minLength: 4, maxLength: 4 })

describe('splits of a node with bounded leaf values', () => {
  it('gain over the node under the same bounds', () => {
    fc.assert(
      fc.property(
        fourCells,
        fc.integer({ min: -30, max: 20 }),
        fc.integer({ min: 1, max: 30 }),
        (cells, tenths, width) => {
          const [low, high] = [tenths / 10, (tenths + width) / 10]
          const features = [cells, [cells[2]!, cells[0]!, cells[3]!, cells[1]!]]
          const expected = largestGain(features, low, high)
          const found = find(features, low, high)
          if (expected > 1e-9) expect(found?.gain).toBeCloseTo(expected, 6)
          else expect(found?.gain ?? 0).toBeLessThanOrEqual(1e-9)
        },
      ),
    )
  })

  it('may lessen a loss that bounds force on every leaf', () => {
    // Both sides would rather be at 0 than at 1 or more; the right one least of all.
    const cells = [
      { gradient: -1, hessian: 1 },
      { gradient: -40, hessian: 10 },
      { gradient: 30, hessian: 10 },
      { gradient: 30, hessian: 10 },
    ]
    const found = find([[total(cells)], cells], 1, 3) as SplitCandidate
    expect(found.feature).toBe(1)
    expect(found.gain).toBeCloseTo(largestGain([[total(cells)], cells], 1, 3), 6)
    expect(leafOf(total(cells), 1, 3).score).toBeLessThan(0)
  })

  it('by category gain over the node without bounds, as their sides have none', () => {
    const cells = [
      { gradient: -40, hessian: 10 },
      { gradient: 10, hessian: 10 },
      { gradient: 10, hessian: 10 },
      { gradient: 12, hessian: 10 },
    ]
    const found = find([[total(cells)], cells], -0.1, 0.1, ['b']) as SplitCandidate
    const free = (part: Cell): number => leafOf(part, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY).score
    expect([...found.leftBins!][0]).toBe(1)
    expect(found.gain).toBeCloseTo(free(cells[0]!) + free(total(cells.slice(1))) - free(total(cells)), 6)
  })
})
