import type { StringColumn } from '../../data/index.ts'
import type { Comparison } from './comparison.ts'
import { detectableOrNull, type Effect, effectiveSize, POWER_Z, type TestPlan } from './finding.ts'
import { sequentialPValue } from './monte-carlo.ts'
import { referenceVariation } from './reference-variation.ts'

const MAX_TEXTS = 3000
const MAX_WORDS = 400
/** A permutation of texts is dear: fewer draws, so that p-values end at 1/2000. */
const MAX_DRAWS = 1999

/** Words of each text as numbers into `words`, the most frequent words of both sides. */
interface Vocabulary {
  readonly words: readonly string[]
  readonly textWords: readonly Int32Array[]
}

/**
 * Test that texts use the same words: sum over frequent words of the squared standardised difference in document
 * frequency, against permutations of the texts. The effect is the total variation between word frequencies.
 */
export function compareVocabulary(
  reference: readonly string[],
  current: readonly string[],
  plan: TestPlan,
): Comparison | undefined {
  const [a, b] = [sampleTexts(reference, plan), sampleTexts(current, plan)]
  const [n, m] = [a.length, b.length]
  if (n < 2 || m < 2) return undefined
  const { words, textWords } = vocabularyOf([...a, ...b])
  if (words.length === 0) return undefined
  const order = Uint32Array.from(textWords, (_, i) => i)
  const sums = { effect: 0, draws: 0 }
  const measure = (rows: Uint32Array): number => wordStatistic(textWords, rows, n, words.length)
  const statistic = measure(order)
  const effect = wordVariation(textWords, order, n, words.length)
  const draw = (): number => {
    plan.rng.shuffle(order)
    sums.effect += wordVariation(textWords, order, n, words.length)
    sums.draws++
    return measure(order)
  }
  const pValue = sequentialPValue(statistic, draw, Math.min(plan.maxDraws, MAX_DRAWS))
  const ofSampling = sums.effect / sums.draws
  const scale = Math.sqrt(effectiveSize(n, m))
  return {
    method: 'permutation',
    statistic,
    pValue,
    effectUnit: 'totalVariation',
    effect,
    ofSampling,
    noiseLimit: 1.3 * ofSampling,
    referenceVariation: referenceVariation(Int32Array.from(a.keys()), plan, (chunk, rest) =>
      chunkEffect(textWords, chunk, rest, words.length, ofSampling * scale),
    ),
    // The spread of a total variation is a fraction of its mean; half of it is on the safe side.
    detectableEffect: () => detectableOrNull(ofSampling * (1 + POWER_Z / 2)),
  }
}

function chunkEffect(
  textWords: readonly Int32Array[],
  chunk: Int32Array,
  rest: Int32Array,
  words: number,
  unit: number,
): Effect {
  if (chunk.length === 0 || rest.length === 0) return { effect: 0, ofSampling: 0, noiseLimit: 0 }
  const rows = Uint32Array.of(...chunk, ...rest)
  const ofSampling = unit / Math.sqrt(effectiveSize(chunk.length, rest.length))
  return { effect: wordVariation(textWords, rows, chunk.length, words), ofSampling, noiseLimit: 1.3 * ofSampling }
}

/** Texts that are not missing. */
export function textsOf(column: StringColumn): string[] {
  const texts: string[] = []
  for (const code of column.codes) if (code >= 0) texts.push(column.dictionary[code]!)
  return texts
}

/** Words of the current texts that no text of the reference has, with the texts that have them; at most 20. */
export function unseenWords(
  reference: readonly string[],
  current: readonly string[],
): { value: string; rows: number }[] {
  const known = new Set<string>()
  for (const text of reference) for (const word of wordsOf(text)) known.add(word)
  const rows = new Map<string, number>()
  for (const text of current)
    for (const word of new Set(wordsOf(text))) if (!known.has(word)) rows.set(word, (rows.get(word) ?? 0) + 1)
  const ranked = [...rows].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  return ranked.slice(0, 20).map(([value, count]) => ({ value, rows: count }))
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

/** A sample that keeps the order, so that chunks stay chunks. */
function sampleTexts(texts: readonly string[], { rng }: TestPlan): readonly string[] {
  if (texts.length <= MAX_TEXTS) return texts
  const rows = rng
    .shuffle(Uint32Array.from(texts, (_, i) => i))
    .slice(0, MAX_TEXTS)
    .sort()
  return Array.from(rows, (row) => texts[row]!)
}

function vocabularyOf(texts: readonly string[]): Vocabulary {
  const sets = texts.map((text) => new Set(wordsOf(text)))
  const frequency = new Map<string, number>()
  for (const set of sets) for (const word of set) frequency.set(word, (frequency.get(word) ?? 0) + 1)
  const ranked = [...frequency].filter(([, count]) => count >= 5 && count < texts.length)
  ranked.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  const words = ranked.slice(0, MAX_WORDS).map(([word]) => word)
  const indexOf = new Map(words.map((word, i) => [word, i]))
  const textWords = sets.map((set) => Int32Array.from([...set].flatMap((word) => indexOf.get(word) ?? [])))
  return { words, textWords }
}

/** Texts with each word, for the first `n` rows and for the others. */
function wordCounts(
  textWords: readonly Int32Array[],
  rows: Uint32Array,
  n: number,
  words: number,
): [Float64Array, Float64Array] {
  const counts: [Float64Array, Float64Array] = [new Float64Array(words), new Float64Array(words)]
  for (let i = 0; i < rows.length; i++) {
    const side = counts[i < n ? 0 : 1]
    for (const word of textWords[rows[i]!]!) side[word]!++
  }
  return counts
}

function wordStatistic(textWords: readonly Int32Array[], rows: Uint32Array, n: number, words: number): number {
  const [a, b] = wordCounts(textWords, rows, n, words)
  const m = rows.length - n
  let sum = 0
  for (let k = 0; k < words; k++) {
    const share = (a[k]! + b[k]!) / (n + m)
    sum += (a[k]! / n - b[k]! / m) ** 2 / (share * (1 - share))
  }
  return sum
}

function wordVariation(textWords: readonly Int32Array[], rows: Uint32Array, n: number, words: number): number {
  const [a, b] = wordCounts(textWords, rows, n, words)
  const [inA, inB] = [a.reduce((s, x) => s + x, 0) || 1, b.reduce((s, x) => s + x, 0) || 1]
  let sum = 0
  for (let k = 0; k < words; k++) sum += Math.abs(a[k]! / inA - b[k]! / inB)
  return sum / 2
}
