import { addDots, addProducts } from './kernels.ts'
import { createRowLoss } from './losses.ts'
import { BLOCK_ROWS, type SharedProblem } from './shared-problem.ts'

/** A pass over the data, cut into tasks that can run in any order on any thread. */
export type Pass = 'moments' | 'gradient' | 'product' | 'gram'
export const PASSES: readonly Pass[] = ['moments', 'gradient', 'product', 'gram']

export function taskCount(problem: SharedProblem, pass: Pass): number {
  if (pass === 'moments' || pass === 'gram') return problem.columns.length
  return Math.ceil(problem.rowCount / problem.chunkRows)
}

/** Returns what runs one task of a pass; scratch memory is made once. */
export function createTaskRunner(problem: SharedProblem): (pass: Pass, task: number) => void {
  const scores = new Float64Array(BLOCK_ROWS * problem.scoreCount)
  const loss = createRowLoss(problem)
  const product = createRowLoss({ ...problem, kind: 'regression', target: undefined })
  return (pass, task) => {
    if (pass === 'moments') columnMoments(problem, task)
    else if (pass === 'gram') gramRow(problem, task, scores)
    else chunkGradient(problem, task, scores, pass === 'gradient' ? loss : product)
  }
}

/**
 * Weighted mean and standard deviation; two scans, since one loses digits where the mean is large.
 * Without intercept features may not be shifted: the mean is taken as 0.
 */
function columnMoments({ columns, rowCount, weights, moments, params }: SharedProblem, task: number): void {
  const column = columns[task]!
  let total = 0
  let sum = 0
  for (let i = 0; i < rowCount; i++) {
    const weight = weights ? weights[i]! : 1
    total += weight
    sum += weight * column[i]!
  }
  const mean = params.fitIntercept ? sum / total : 0
  let squares = 0
  for (let i = 0; i < rowCount; i++) squares += (weights ? weights[i]! : 1) * (column[i]! - mean) ** 2
  moments[2 * task] = mean
  moments[2 * task + 1] = Math.sqrt(squares / total)
}

/** Gradient of the unpenalised loss over one chunk of rows, at `point`. */
function chunkGradient(
  problem: SharedProblem,
  task: number,
  scores: Float64Array,
  loss: ReturnType<typeof createRowLoss>,
): void {
  const { columns, scoreCount, point, partials, chunkRows } = problem
  const width = columns.length
  const sums = new Float64Array(point.length + 1)
  const end = Math.min((task + 1) * chunkRows, problem.rowCount)
  for (let from = task * chunkRows; from < end; from += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, end - from)
    for (let k = 0; k < scoreCount; k++) {
      const start = k * BLOCK_ROWS
      scores.fill(point[scoreCount * width + k]!, start, start + count)
      addProducts(scores, start, columns, from, count, point, k * width)
    }
    sums[point.length]! += loss.residuals(scores, BLOCK_ROWS, from, count)
    for (let k = 0; k < scoreCount; k++) {
      addDots(scores, k * BLOCK_ROWS, columns, from, count, sums, k * width)
      sums[scoreCount * width + k]! += sumOf(scores, k * BLOCK_ROWS, count)
    }
  }
  partials.set(sums, task * sums.length)
}

function sumOf(values: Float64Array, start: number, count: number): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += values[start + i]!
  return sum
}

/** Row `task` of the centred Gram matrix, from the diagonal on. (Without intercept every mean is 0.) */
function gramRow({ columns, rowCount, weights, moments, gram }: SharedProblem, task: number, left: Float64Array): void {
  const column = columns[task]!
  const mean = moments[2 * task]!
  const right = columns.slice(task)
  const sums = new Float64Array(right.length)
  let leftSum = 0
  for (let from = 0; from < rowCount; from += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rowCount - from)
    for (let i = 0; i < count; i++) left[i] = (weights ? weights[from + i]! : 1) * (column[from + i]! - mean)
    addDots(left, 0, right, from, count, sums, 0)
    leftSum += sumOf(left, 0, count)
  }
  // The left factor is centred up to the rounding of its mean, which a large mean on the right would blow up.
  for (let k = 0; k < right.length; k++) sums[k]! -= leftSum * moments[2 * (task + k)]!
  gram.set(sums, task * columns.length + task)
}
