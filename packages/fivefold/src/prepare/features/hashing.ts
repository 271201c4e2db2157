import { z } from 'zod'
import { FivefoldError } from '../../core/index.ts'
import { allocateFeature, type Column, type StringColumn } from '../../data/index.ts'
import { cast, int64s, squeeze } from './graph-ops.ts'
import { graphText } from './graph-text.ts'
import { oneHotOfIndexes } from './levels-graph.ts'
import { bucketOf, murmurHash3 } from './murmur-hash.ts'
import { stepSchemas } from './step.ts'
import { defineTransform } from './transform.ts'

/** The values of a column that a step takes as text. */
export function textsOf(values: Column): StringColumn {
  if (values.kind === 'string') return values
  // A text column without a single value has no sign of being text.
  if (values.values.every(Number.isNaN)) return allMissing(values.values.length)
  throw new FivefoldError('DATA_TYPE_MISMATCH', 'a column holds numbers where the feature step needs text')
}

const allMissing = (rowCount: number): StringColumn => ({
  kind: 'string',
  codes: new Int32Array(rowCount).fill(-1),
  dictionary: [],
})

export const hashingTransform = defineTransform({
  name: 'hashing',
  options: stepSchemas.hashing,
  state: z.strictObject({ buckets: z.int().min(2), seed: z.int().min(0) }),
  accepts: ({ tensor }) => tensor === 'string',
  fit: (_, { buckets, seed }) => ({ state: { buckets, seed } }),
  featureNames: ({ buckets }, columnName) => Array.from({ length: buckets }, (_, i) => `${columnName} hash ${i}`),
  apply({ buckets, seed }, values, rowCount) {
    const { codes, dictionary } = textsOf(values)
    const emptyHash = murmurHash3('', seed)
    const bucketOfCode = Int32Array.from(dictionary, (text) => {
      const hash = murmurHash3(graphText(text), seed)
      return hash === emptyHash ? -1 : bucketOf(hash, buckets)
    })
    const out = Array.from({ length: buckets }, () => allocateFeature(rowCount))
    for (let i = 0; i < rowCount; i++) {
      const bucket = codes[i]! < 0 ? -1 : bucketOfCode[codes[i]!]!
      if (bucket >= 0) out[bucket]![i] = 1
    }
    return out
  },
  compile({ buckets, seed }, { raw }, b) {
    const attributes = { positive: { int: 0 }, seed: { int: seed } }
    const hash = cast(b, b.node('MurmurHash3', [raw], attributes, { domain: 'com.microsoft' }), 'int64')
    // Missing is the empty text: its hash stands for it, at the price of one text in 2^32 that shares it.
    const isEmpty = b.node('Equal', [hash, int64s(b, [murmurHash3('', seed)], true)])
    const bucket = b.node('Mod', [hash, int64s(b, [buckets], true)])
    const index = b.node('Where', [isEmpty, int64s(b, [-1], true), bucket])
    return squeeze(b, oneHotOfIndexes(b, index, buckets), 1)
  },
})
