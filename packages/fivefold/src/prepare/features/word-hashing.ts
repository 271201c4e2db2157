import { z } from 'zod'
import type { GraphBuilder, ValueRef } from '../../onnx/index.ts'
import { cast, int64s, squeeze } from './graph-ops.ts'
import { textsOf } from './hashing.ts'
import { bucketOf, murmurHash3 } from './murmur-hash.ts'
import { countNumbers, spreadTexts } from './sparse-text.ts'
import { stepSchemas } from './step.ts'
import { wordsOf } from './tokens.ts'
import { defineTransform } from './transform.ts'
import { compileGrams, compileWords } from './word-graph.ts'

/** Mixes the hash of the first word of a pair into that of the second. */
const PAIR_FACTOR = 31

export const wordHashingTransform = defineTransform({
  name: 'wordHashing',
  options: stepSchemas.wordHashing,
  state: z.strictObject({ maxGram: z.union([z.literal(1), z.literal(2)]), buckets: z.int().min(2) }),
  accepts: ({ tensor }) => tensor === 'string',
  fit: (_, { maxGram, buckets }) => ({ state: { maxGram, buckets } }),
  featureNames: ({ buckets }, columnName) => Array.from({ length: buckets }, (_, i) => `${columnName} word hash ${i}`),
  apply({ maxGram, buckets }, values) {
    return spreadTexts(textsOf(values), buckets, (text) => {
      const hashes = wordsOf(text).map((word) => murmurHash3(word))
      return countNumbers(bucketsOf(hashes, maxGram, buckets))
    })
  },
  compile({ maxGram, buckets }, { raw }, b) {
    const hashNode = b.node('MurmurHash3', [compileWords(b, raw)], { positive: { int: 0 }, seed: { int: 0 } }, MS)
    const hashes = squeeze(b, cast(b, hashNode, 'int64'), 1)
    const singles = compileBuckets(b, hashes, hashes, buckets)
    const numbers = maxGram === 1 ? singles : b.node('Concat', [singles, compilePairs(b, hashes, buckets)], AXIS_1)
    return compileGrams(b, numbers, { maxGram: 1, pool: [...Array(buckets).keys()], starts: [0] })
  },
})

const MS = { domain: 'com.microsoft' } as const
const AXIS_1 = { axis: { int: 1 } } as const

/** Padding is the empty word, whose hash with seed 0 is 0; a word that shares it is left out on both sides. */
function* bucketsOf(hashes: readonly number[], maxGram: 1 | 2, buckets: number): Iterable<number> {
  for (let i = 0; i < hashes.length; i++) {
    if (hashes[i] === 0) continue
    yield bucketOf(hashes[i]!, buckets)
    if (maxGram === 2 && i > 0) yield bucketOf(hashes[i - 1]! * PAIR_FACTOR + hashes[i]!, buckets)
  }
}

/** The bucket of each hash, -1 where `last` is padding. */
function compileBuckets(b: GraphBuilder, hashes: ValueRef, last: ValueRef, buckets: number): ValueRef {
  const isPadding = b.node('Equal', [last, int64s(b, [0], true)])
  const bucket = b.node('Mod', [hashes, int64s(b, [buckets], true)])
  return b.node('Where', [isPadding, int64s(b, [-1], true), bucket])
}

function compilePairs(b: GraphBuilder, hashes: ValueRef, buckets: number): ValueRef {
  const slice = (from: number, to: number): ValueRef =>
    b.node('Slice', [hashes, int64s(b, [from]), int64s(b, [to]), int64s(b, [1])])
  const second = slice(1, 2 ** 31 - 1)
  const first = b.node('Mul', [slice(0, -1), int64s(b, [PAIR_FACTOR], true)])
  return compileBuckets(b, b.node('Add', [first, second]), second, buckets)
}
