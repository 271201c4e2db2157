import { z } from 'zod'
import { FivefoldError } from '../../core/index.ts'
import type { StringColumn } from '../../data/index.ts'
import { squeeze } from './graph-ops.ts'
import { graphText } from './graph-text.ts'
import { textsOf } from './hashing.ts'
import { countNumbers, spreadTexts } from './sparse-text.ts'
import { stepSchemas } from './step.ts'
import { wordsOf } from './tokens.ts'
import { defineTransform } from './transform.ts'
import { compileGrams, compileWords } from './word-graph.ts'

const stateSchema = z.strictObject({
  maxGram: z.union([z.literal(1), z.literal(2)]),
  /** Words in lower case; numbered from 1, since 0 stands for unknown words and for padding. */
  words: z.array(z.string().min(1)),
  /** Other spellings, with the number of their word. */
  spellings: z.array(z.tuple([z.string().min(1), z.int().min(1)])),
  /** Word numbers of each feature: first single words, then pairs. */
  grams: z.array(z.array(z.int().min(1)).min(1).max(2)).min(1),
  /** Inverse document frequency of each feature. */
  weights: z.array(z.number()),
})
type State = z.infer<typeof stateSchema>

/**
 * Weights as in scikit-learn's TfidfVectorizer with its defaults: count * (ln((1 + n) / (1 + documents)) + 1), then
 * length 1. Case is folded by listing spellings (lower, UPPER, Title, and those that were seen), because the graph has no
 * case mapping that works without the host's locales: an unseen spelling such as `fReE` is an unknown word.
 */
export const wordTfidfTransform = defineTransform({
  name: 'wordTfidf',
  options: stepSchemas.wordTfidf,
  state: stateSchema,
  accepts: ({ tensor }) => tensor === 'string',
  fit({ values, column }, options) {
    const documents = collectDocuments(textsOf(values))
    const frequent = selectGrams(documents, options)
    if (frequent.length > 0) return { state: buildState(frequent, documents, options.maxGram) }
    throw new FivefoldError(
      'FEATURE_INVALID',
      `column '${column.name}' has no word in ${options.minDocuments} or more rows; lower minDocuments or drop it`,
    )
  },
  featureNames: ({ words, grams }, columnName) =>
    grams.map((gram) => `${columnName} '${gram.map((number) => words[number - 1]).join(' ')}'`),
  apply(state, values) {
    const numberOf = createNumbering(state)
    const featureOf = new Map(state.grams.map((gram, at) => [gram.join(), at]))
    return spreadTexts(textsOf(values), state.grams.length, (text) => {
      const numbers = wordsOf(text).map((word) => numberOf.get(word) ?? 0)
      const counts = countNumbers(featuresOf(numbers, state.maxGram, featureOf))
      return new Map([...counts].map(([feature, count]) => [feature, Math.fround(count * state.weights[feature]!)]))
    })
  },
  compile(state, { raw }, b) {
    const entries = [...createNumbering(state)]
    const attributes = {
      keys_strings: { strings: entries.map(([spelling]) => spelling) },
      values_int64s: { ints: entries.map(([, number]) => number) },
      default_int64: { int: 0 },
    }
    const numbers = b.node('LabelEncoder', [compileWords(b, raw)], attributes, { domain: 'ai.onnx.ml' })
    const singles = state.grams.filter((gram) => gram.length === 1).length
    return compileGrams(b, squeeze(b, numbers, 1), {
      maxGram: state.maxGram,
      pool: state.grams.flat(),
      starts: state.maxGram === 1 ? [0] : [0, singles],
      weights: state.weights,
    })
  },
})

const createNumbering = ({ words, spellings }: State): Map<string, number> =>
  new Map([...words.map((word, i): [string, number] => [word, i + 1]), ...spellings])

function* featuresOf(numbers: readonly number[], maxGram: 1 | 2, featureOf: Map<string, number>): Iterable<number> {
  for (let i = 0; i < numbers.length; i++) {
    const single = featureOf.get(`${numbers[i]}`)
    if (single !== undefined) yield single
    const pair = maxGram === 2 && i > 0 ? featureOf.get(`${numbers[i - 1]},${numbers[i]}`) : undefined
    if (pair !== undefined) yield pair
  }
}

interface Documents {
  /** Distinct texts as words in lower case, with the number of rows that hold them. */
  readonly texts: readonly { readonly words: readonly string[]; readonly rows: number }[]
  readonly rowCount: number
  readonly spellings: ReadonlySet<string>
}

function collectDocuments({ codes, dictionary }: StringColumn): Documents {
  const spellings = new Set<string>()
  const texts = [...countNumbers(codes)].map(([code, rows]) => {
    const words = code < 0 ? [] : wordsOf(graphText(dictionary[code]!))
    for (const word of words) spellings.add(word)
    return { words: words.map((word) => word.toLowerCase()), rows }
  })
  return { texts, rowCount: codes.length, spellings }
}

interface CountedGram {
  readonly words: readonly string[]
  readonly documents: number
}

/** The grams of enough documents, most frequent first; ties in alphabetical order. */
function selectGrams(
  { texts }: Documents,
  { maxGram, minDocuments, maxFeatures }: { maxGram: 1 | 2; minDocuments: number; maxFeatures: number },
): CountedGram[] {
  const documents = new Map<string, number>()
  for (const { words, rows } of texts) {
    for (const gram of distinctGrams(words, maxGram)) documents.set(gram, (documents.get(gram) ?? 0) + rows)
  }
  return [...documents]
    .filter(([, count]) => count >= minDocuments)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, maxFeatures)
    .map(([gram, count]) => ({ words: gram.split(' '), documents: count }))
}

function distinctGrams(words: readonly string[], maxGram: 1 | 2): Set<string> {
  const grams = new Set<string>(words)
  if (maxGram === 2) for (let i = 1; i < words.length; i++) grams.add(`${words[i - 1]} ${words[i]}`)
  return grams
}

function buildState(selected: readonly CountedGram[], { rowCount, spellings }: Documents, maxGram: 1 | 2): State {
  const words = [...new Set(selected.flatMap((gram) => gram.words))].sort()
  const numberOf = new Map(words.map((word, i) => [word, i + 1]))
  const ordered = [...selected].sort((a, b) => a.words.length - b.words.length)
  return {
    maxGram,
    words,
    spellings: otherSpellings(numberOf, spellings),
    grams: ordered.map((gram) => gram.words.map((word) => numberOf.get(word)!)),
    weights: ordered.map(({ documents }) => Math.log((1 + rowCount) / (1 + documents)) + 1),
  }
}

function otherSpellings(numberOf: ReadonlyMap<string, number>, seen: ReadonlySet<string>): [string, number][] {
  const found = new Map<string, number>()
  const add = (spelling: string): void => {
    const word = spelling.toLowerCase()
    const number = numberOf.get(word)
    // Some spellings are not whole words: 'ŉ' in upper case is 'ʼN', which is cut elsewhere.
    if (number !== undefined && spelling !== word && wordsOf(spelling)[0] === spelling) found.set(spelling, number)
  }
  for (const word of numberOf.keys()) {
    add(word.toUpperCase())
    const [first = '', ...rest] = word
    add(first.toUpperCase() + rest.join(''))
  }
  for (const spelling of seen) add(spelling)
  for (const word of numberOf.keys()) found.delete(word)
  return [...found].sort((a, b) => (a[0] < b[0] ? -1 : 1))
}
