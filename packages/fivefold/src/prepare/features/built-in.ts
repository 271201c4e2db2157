import { calendarTransform } from './calendar.ts'
import { hashingTransform } from './hashing.ts'
import { missingIndicatorTransform, numberTransform } from './number.ts'
import { oneHotTransform } from './one-hot.ts'
import { ordinalTransform } from './ordinal.ts'
import { targetEncodingTransform } from './target-encoding.ts'
import type { Transform } from './transform.ts'
import { wordHashingTransform } from './word-hashing.ts'
import { wordTfidfTransform } from './word-tfidf.ts'

/** In the order in which their features stand; columns of one transform are compiled together. */
export const BUILT_IN_TRANSFORMS: readonly Transform[] = [
  numberTransform,
  missingIndicatorTransform,
  calendarTransform,
  oneHotTransform,
  ordinalTransform,
  targetEncodingTransform,
  hashingTransform,
  wordTfidfTransform,
  wordHashingTransform,
]
