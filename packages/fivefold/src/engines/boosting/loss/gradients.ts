import type { Kernels } from '../kernels/kernels.ts'
import { chunkCount, STATISTICS_BYTES, SUM_CHUNK_ROWS } from '../kernels/memory-layout.ts'
import type { ThreadTeam } from '../kernels/thread-team.ts'
import type { Workspace } from '../kernels/workspace.ts'
import { classOfOutput, gradientKind, hasGivenGradients } from './objective.ts'

/** Integers per unit of gradient and hessian. */
export interface GradientScale {
  readonly gradient: number
  readonly hessian: number
  /**
   * Whether rounding takes a coin. With bits to spare it does not, so that equal gradients stay equal and ties between
   * splits stay ties; where bits are short, sums must be unbiased.
   */
  readonly isStochastic: boolean
  /** Whether typical gradients are so small beside the largest that leaf values deserve exact sums. */
  readonly isCoarse: boolean
}

/** Room in a record: i16 and u16, less a margin so that rounding up cannot overflow. */
const MAX_RECORD_GRADIENT = 32_000
const MAX_RECORD_HESSIAN = 64_000
/** Room in a histogram cell: 31 bits each, with 2% for the rounding of the sums that scales are computed from. */
const MAX_SUM = 2 ** 31 * 0.98
/** A mean gradient of fewer integer steps than this is coarse. */
const COARSE_STEPS = 256

/** The arguments that gradient kernels begin with, for one output. */
export type GradientSource = readonly [predictions: number, targets: number, weights: number]
export type GradientShape = readonly [kind: number, classCode: number, hessianFactor: number]

export function gradientSource({ layout, job }: Workspace, output: number): GradientSource {
  const { predictions, outputBytes, targets, weights } = layout.train
  // Given gradients are weighted already.
  if (hasGivenGradients(job.objective)) return [layout.gradients, layout.hessians, 0]
  return [predictions + output * outputBytes, targets, weights]
}

export function gradientShape({ job }: Workspace, output: number): GradientShape {
  const { objective } = job
  return [gradientKind(objective), classOfOutput(objective, output), objective.hessianFactor]
}

/** Gradients that are a function of the caller's: writes those of all training rows into the workspace. */
export type GivenGradients = () => void

/** Writes the gradients of all rows as records, in row order, for the tree of one output. */
export function writeGradients(
  workspace: Workspace,
  team: ThreadTeam,
  output: number,
  seed: number,
  custom: GivenGradients | undefined,
): GradientScale {
  const { layout, job } = workspace
  const { rowCount } = layout.train
  if (custom !== undefined) custom()
  else if (hasGivenGradients(job.objective)) computeGradients(workspace, team)
  const source = gradientSource(workspace, output)
  const shape = gradientShape(workspace, output)
  const chunks = rowChunks(rowCount)
  team.run(
    'gradientStatistics',
    chunks.map(([begin, end], i) => [...source, begin, end, ...shape, layout.statistics + i * STATISTICS_BYTES]),
    rowCount,
  )
  const scale = chooseScale(workspace, rowCount)
  const noise = scale.isStochastic ? 1 : 0
  team.run(
    'quantiseGradients',
    chunks.map(([begin, end]): Parameters<Kernels['quantiseGradients']> => {
      return [...source, begin, end, ...shape, scale.gradient, scale.hessian, noise, seed, layout.records]
    }),
    rowCount,
  )
  return scale
}

/** Gradients of losses that have no kernel. */
function computeGradients({ job }: Workspace, team: ThreadTeam): void {
  const { rowCount, queryStarts } = job.train
  if (queryStarts === undefined) team.run('pointwiseGradients', rowChunks(rowCount), rowCount * 8)
  else team.run('rankingGradients', queryChunks(queryStarts), rowCount * 64)
}

/** Queries that one task takes on. */
const QUERIES_A_TASK = 128

/** Ranges of queries that sums run over, the same for any number of threads. */
export function queryChunks(starts: Uint32Array): [begin: number, end: number][] {
  const queries = starts.length - 1
  return Array.from({ length: Math.ceil(queries / QUERIES_A_TASK) }, (_, i) => [
    i * QUERIES_A_TASK,
    Math.min(queries, (i + 1) * QUERIES_A_TASK),
  ])
}

/** Ranges of rows that floating-point sums run over, the same for any number of threads. */
export function rowChunks(rowCount: number): [begin: number, end: number][] {
  return Array.from({ length: chunkCount(rowCount) }, (_, i) => [
    i * SUM_CHUNK_ROWS,
    Math.min(rowCount, (i + 1) * SUM_CHUNK_ROWS),
  ])
}

/**
 * The largest scale at which no record and no histogram cell can overflow. Rounding may raise each row's value by one,
 * hence the rows are taken off the room of a sum.
 */
function chooseScale({ layout, float64 }: Workspace, rowCount: number): GradientScale {
  const total = { maxG: 0, sumG: 0, maxH: 0, sumH: 0 }
  for (let i = 0; i < chunkCount(rowCount); i++) {
    const at = (layout.statistics + i * STATISTICS_BYTES) / 8
    total.maxG = Math.max(total.maxG, float64[at]!)
    total.sumG += float64[at + 1]!
    total.maxH = Math.max(total.maxH, float64[at + 2]!)
    total.sumH += float64[at + 3]!
  }
  const gradient = largestScale(MAX_RECORD_GRADIENT, total.maxG, MAX_SUM - rowCount, total.sumG)
  const hessian = largestScale(MAX_RECORD_HESSIAN, total.maxH, MAX_SUM - rowCount, total.sumH)
  const isCoarse = (total.sumG / rowCount) * gradient < COARSE_STEPS
  const isShort = gradient * total.maxG < MAX_RECORD_GRADIENT / 2
  return { gradient, hessian, isCoarse, isStochastic: isCoarse || isShort }
}

/** Rounded to a float, since the kernels compute in floats. All-zero gradients fit any scale. */
function largestScale(recordRoom: number, largest: number, sumRoom: number, sum: number): number {
  return largest > 0 ? Math.fround(Math.min(recordRoom / largest, sumRoom / sum)) : 1
}
