import { allocateFeature, type StringColumn } from '../../data/index.ts'
import { graphText } from './graph-text.ts'

/** Weights of the features that a text has, by feature number. */
export type TextWeights = ReadonlyMap<number, number>

/** Each distinct text is worked out once and spread over its rows; rows are scaled to Euclidean length 1. */
export function spreadTexts(
  { codes, dictionary }: StringColumn,
  width: number,
  weigh: (text: string) => TextWeights,
): Float32Array[] {
  const out = Array.from({ length: width }, () => allocateFeature(codes.length))
  const cache = new Map<number, TextWeights>()
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!
    if (code < 0) continue
    let weights = cache.get(code)
    if (!weights) {
      weights = normalised(weigh(graphText(dictionary[code]!)))
      cache.set(code, weights)
    }
    for (const [feature, weight] of weights) out[feature]![row] = weight
  }
  return out
}

function normalised(weights: TextWeights): TextWeights {
  let squares = 0
  for (const weight of weights.values()) squares += weight * weight
  const length = Math.sqrt(squares)
  return new Map([...weights].map(([feature, weight]) => [feature, weight / length]))
}

/** Occurrences of each number. */
export function countNumbers(numbers: Iterable<number>): Map<number, number> {
  const counts = new Map<number, number>()
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1)
  return counts
}
