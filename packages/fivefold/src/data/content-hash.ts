import { createHash, type Hash } from 'node:crypto'
import type { DuckDBDataChunk } from '@duckdb/node-api'
import { type ColumnPlan, typedItems } from './column-reader.ts'
import type { Schema } from './schema.ts'

/** Sums of columns that are read chunk by chunk: where chunks end does not matter, nor where the data came from. */
export interface ContentHasher {
  append(chunk: DuckDBDataChunk): void
  digest(): string
}

export function createContentHasher(schema: Schema, plans: readonly ColumnPlan[], rowCount: number): ContentHasher {
  const sums = plans.map(() => createHash('sha256'))
  return {
    append(chunk) {
      for (const [at, plan] of plans.entries()) appendColumn(sums[at]!, plan, chunk, at)
    },
    digest() {
      const whole = createHash('sha256').update(JSON.stringify([rowCount, schemaContent(schema)]))
      for (const [at, plan] of plans.entries()) {
        if (plan.kind === 'codes') whole.update(JSON.stringify(plan.dictionary))
        whole.update(sums[at]!.digest())
      }
      return `sha256:${whole.digest('hex')}`
    },
  }
}

/** Evidence is left out: it tells of the file, and the same values may come from another kind of file. */
function schemaContent(schema: Schema): unknown[] {
  return schema.columns.map(({ name, type, tensor, nullable }) => [name, type, tensor, nullable])
}

function appendColumn(sum: Hash, plan: ColumnPlan, chunk: DuckDBDataChunk, at: number): void {
  if (plan.kind === 'number') sum.update(typedItems(chunk, at, Float64Array))
  else if (plan.kind === 'codes') sum.update(typedItems(chunk, at, Int32Array))
  else sum.update(textBytes(chunk, at))
}

/** Each text under its length, so that no two columns of texts give the same bytes. */
function textBytes(chunk: DuckDBDataChunk, at: number): string {
  const texts = chunk.getColumnVector(at)
  let bytes = ''
  for (let row = 0; row < chunk.rowCount; row++) {
    const text = texts.getItem(row)
    bytes += typeof text === 'string' ? `${text.length}:${text}` : '-'
  }
  return bytes
}
