import { type Bundle, feedsOf, inputSchema } from '../../../bundle/index.ts'
import { createRng } from '../../../core/index.ts'
import { openTable } from '../../../data/index.ts'
import type { Tensors } from './servable.ts'

/** Enough for standard errors of a tenth of the spread between rows. */
const BACKGROUND_ROWS = 100

/** Rows of the bundle's reference sample, to compare an explained row with; read when they are first asked for. */
export function backgroundRows(bundle: Pick<Bundle, 'manifest' | 'referencePath'>): () => Promise<Tensors> {
  let rows: Promise<Tensors> | undefined
  return () => {
    rows ??= readBackground(bundle).catch((error: unknown) => {
      rows = undefined
      throw error
    })
    return rows
  }
}

async function readBackground({
  manifest,
  referencePath,
}: Pick<Bundle, 'manifest' | 'referencePath'>): Promise<Tensors> {
  await using table = await openTable({ location: referencePath, schema: inputSchema(manifest) })
  const order = createRng(0)
    .fork('background')
    .shuffle(Uint32Array.from({ length: table.rowCount }, (_, row) => row))
  const picked = await table.read(undefined, order.slice(0, BACKGROUND_ROWS).sort())
  return feedsOf(manifest.inputs, picked, 0, picked.rowCount)
}
