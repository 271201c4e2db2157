import type { LinearParams } from './params.ts'

/** Everything that the threads of one fit share; posted to each without copying the arrays. */
export interface SharedProblem {
  readonly kind: 'binary' | 'multinomial' | 'regression'
  readonly params: LinearParams
  readonly rowCount: number
  readonly columns: readonly Float32Array[]
  /** Class codes, or values. */
  readonly target: Int32Array | Float64Array
  readonly weights: Float32Array | undefined
  /** Scores a row: one for binary and regression, else one a class. */
  readonly scoreCount: number
  readonly chunkRows: number
  /** Slots of the thread protocol; see `thread-team.ts`. */
  readonly control: Int32Array
  /** What gradients are computed at: coefficients [scores x features], then one offset a score. */
  readonly point: Float64Array
  /** For each chunk of rows: gradient by coefficients, gradient by offsets, loss. */
  readonly partials: Float64Array
  /** Mean and standard deviation of each feature. */
  readonly moments: Float64Array
  /** Upper triangle of the centred Gram matrix [features x features]; empty where no solver needs it. */
  readonly gram: Float64Array
}

/** Rows whose scores are held at once; their block of each column stays in the processor's cache. */
export const BLOCK_ROWS = 2048

/** Sums are made a chunk at a time and then added in order, so that they do not depend on the number of threads. */
const MAX_CHUNKS = 128

/** Up to this many features the Gram matrix is formed; beyond it costs more than iterating over the rows. */
const MAX_GRAM_FEATURES = 512

export type ProblemInput = Pick<
  SharedProblem,
  'kind' | 'params' | 'rowCount' | 'columns' | 'target' | 'weights' | 'scoreCount'
>

export function shareProblem(input: ProblemInput): SharedProblem {
  const { rowCount, columns, scoreCount } = input
  const blocks = Math.ceil(rowCount / BLOCK_ROWS)
  const chunkRows = Math.ceil(blocks / MAX_CHUNKS) * BLOCK_ROWS
  const pointLength = scoreCount * (columns.length + 1)
  const formsGram = input.kind === 'regression' && columns.length <= MAX_GRAM_FEATURES
  return {
    ...input,
    chunkRows,
    control: new Int32Array(new SharedArrayBuffer(16)),
    point: sharedFloats(pointLength),
    partials: sharedFloats(Math.ceil(rowCount / chunkRows) * (pointLength + 1)),
    moments: sharedFloats(2 * columns.length),
    gram: sharedFloats(formsGram ? columns.length ** 2 : 0),
  }
}

export function totalWeight({ weights, rowCount }: Pick<SharedProblem, 'weights' | 'rowCount'>): number {
  if (!weights) return rowCount
  let total = 0
  for (let i = 0; i < rowCount; i++) total += weights[i]!
  return total
}

function sharedFloats(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(8 * length))
}

/** A copy where the array is not shared between threads yet. */
export function toShared<T extends Float32Array | Float64Array | Int32Array>(source: T): T {
  if (source.buffer instanceof SharedArrayBuffer) return source
  const kind = source.constructor as new (buffer: SharedArrayBuffer) => T
  const copy = new kind(new SharedArrayBuffer(source.byteLength))
  copy.set(source)
  return copy
}
