import type { GraphBuilder, ValueRef } from '../../onnx/index.ts'
import { RE2_WORDS } from './tokens.ts'

/**
 * Words of a text column [N, 1] as strings [N, 1, longest row], padded with the empty string.
 * com.microsoft.Tokenizer is in stock ONNX Runtime (run with 1.15.1 to 1.32.0) and takes the expression as it is; other
 * runtimes lack it. The standard StringSplit came with opset 20 and cuts at one fixed delimiter only.
 */
export const compileWords = (b: GraphBuilder, raw: ValueRef): ValueRef =>
  b.node(
    'Tokenizer',
    [raw],
    { mark: { int: 0 }, mincharnum: { int: 1 }, pad_value: { string: '' }, tokenexp: { string: RE2_WORDS } },
    { domain: 'com.microsoft' },
  )

export interface GramTable {
  readonly maxGram: 1 | 2
  readonly pool: readonly number[]
  /** Where in the pool the single words and the pairs begin. */
  readonly starts: readonly number[]
  /** What a count is multiplied by; plain counts where absent. */
  readonly weights?: readonly number[]
}

/** Weighted counts of the pool's grams in word numbers [N, words], rows scaled to Euclidean length 1. */
export function compileGrams(b: GraphBuilder, wordNumbers: ValueRef, table: GramTable): ValueRef {
  const gramCount =
    table.starts[1] === undefined ? table.pool.length : table.starts[1] + (table.pool.length - table.starts[1]) / 2
  const counts = b.node('TfIdfVectorizer', [wordNumbers], {
    mode: { string: table.weights ? 'TFIDF' : 'TF' },
    min_gram_length: { int: 1 },
    max_gram_length: { int: table.maxGram },
    max_skip_count: { int: 0 },
    ngram_counts: { ints: table.starts },
    ngram_indexes: { ints: [...Array(gramCount).keys()] },
    pool_int64s: { ints: table.pool },
    ...(table.weights ? { weights: { floats: table.weights } } : {}),
  })
  return b.node('LpNormalization', [counts], { axis: { int: 1 }, p: { int: 2 } })
}
