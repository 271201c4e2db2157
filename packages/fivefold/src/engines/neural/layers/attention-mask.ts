import { FivefoldError } from '../../../core/index.ts'
import { floats, int64s, type Operations, type TypedValue } from '../../../onnx/index.ts'

/** What a score becomes where nobody may look: its exponential is exactly 0, and rows that see nothing stay finite. */
const HIDDEN = -1e30

/**
 * What is added to attention scores [N, heads, queries, keys] to hide keys, in a shape that broadcasts.
 *
 * @param mask which keys are there: int64 [N], how many from the start on; or bool [N, keys]
 * @param causal whether step i sees only steps up to i
 */
export function attentionBias(
  operations: Operations,
  sizes: { readonly queries: number; readonly keys: number },
  { mask, causal = false }: { readonly mask?: TypedValue | undefined; readonly causal?: boolean | undefined },
): TypedValue | undefined {
  const future = causal ? hideFuture(operations, sizes.queries, sizes.keys) : undefined
  const absent = mask && hideAbsent(operations, mask, sizes.keys)
  return future && absent ? operations.add(absent, future) : (future ?? absent)
}

/** [queries, keys] */
function hideFuture({ graph }: Operations, queries: number, keys: number): TypedValue {
  const table = new Float32Array(queries * keys)
  for (let i = 0; i < table.length; i++) if (i % keys > Math.floor(i / keys)) table[i] = HIDDEN
  return graph.constant(floats(table, [queries, keys]))
}

/** [N, 1, 1, keys] */
function hideAbsent(operations: Operations, mask: TypedValue, keys: number): TypedValue {
  const like = { type: 'float' } as const
  const hidden = operations.where(
    isThere(operations, mask, keys),
    operations.scalar(0, like),
    operations.scalar(HIDDEN, like),
  )
  return operations.unsqueeze(hidden, [1, 2])
}

/** bool [N, keys] */
export function isThere(operations: Operations, mask: TypedValue, keys: number): TypedValue {
  if (mask.type === 'bool' && mask.shape.length === 2) return mask
  if (mask.type !== 'int64' || mask.shape.length !== 1)
    throw new FivefoldError(
      'OPTION_INVALID',
      `an attention mask is int64 [N] with lengths or bool [N, steps], got ${mask.type} [${mask.shape.join(', ')}]`,
    )
  const places = operations.graph.constant(
    int64s(
      Array.from({ length: keys }, (_, i) => i),
      [1, keys],
    ),
  )
  return operations.node('Less', [places, operations.unsqueeze(mask, [1])])
}
