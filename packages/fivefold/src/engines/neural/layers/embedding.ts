import { FivefoldError } from '../../../core/index.ts'
import { createOperations, floats, type TypedValue } from '../../../onnx/index.ts'
import { declareIndexRange } from '../network/index-range.ts'
import { type Initializer, normal } from '../network/initializer.ts'
import type { Scope } from '../network/scope.ts'

export interface EmbeddingOptions {
  /** How many rows the table has: ids are 0 to count - 1. */
  readonly count: number
  /** Size of each row. */
  readonly size: number
  /** The id of padding: it reads as zeros and is never trained. */
  readonly padding?: number
  /** Default: standard normal, as in PyTorch. */
  readonly initializer?: Initializer
}

/** Rows of a table by id: int64 or int32 [N, ...] to [N, ..., size]. Parameter `weight` [count, size]. */
export function embedding(scope: Scope, name: string, ids: TypedValue, options: EmbeddingOptions): TypedValue {
  const { count, size, padding } = options
  if (ids.type !== 'int64' && ids.type !== 'int32')
    throw new FivefoldError('OPTION_INVALID', `${scope.path}${name}: an embedding takes int64 ids, got ${ids.type}`)
  declareIndexRange(ids, { count })
  const initializer = withoutRow(options.initializer ?? normal(1), padding)
  const weight = scope.within(name).parameter('weight', [count, size], initializer)
  const rows = scope.graph.node('Gather', [weight, ids], { axis: { int: 0 } })
  if (padding === undefined) return rows
  const operations = createOperations(scope.graph)
  const kept = Float32Array.from({ length: count }, (_, id) => (id === padding ? 0 : 1))
  const isToken = scope.graph.node('Gather', [scope.graph.constant(floats(kept, [count, 1])), ids])
  return operations.mul(rows, isToken)
}

/** Fills, then clears the row of the padding. */
function withoutRow(initializer: Initializer, row: number | undefined): Initializer {
  if (row === undefined) return initializer
  return function* (values, fan, rng) {
    yield* initializer(values, fan, rng) ?? []
    const size = fan.fanIn
    values.fill(0, row * size, (row + 1) * size)
  }
}
