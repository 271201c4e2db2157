import type { Context } from 'fivefold'

type Rng = Context['rng']

const PARTS = ['plot', 'music', 'acting', 'ending', 'camera work', 'dialogue', 'pace', 'humour'] as const
const PRAISE = ['brilliant', 'moving', 'clever', 'fresh', 'gripping', 'funny', 'lovely', 'subtle'] as const
const BLAME = ['dull', 'wooden', 'lazy', 'stale', 'clumsy', 'shallow', 'noisy', 'predictable'] as const
const FRAMES = ['the _ is _', 'i found the _ _', 'what a _ , really _', 'its _ seemed _'] as const
const TURNS = ['but', 'yet'] as const

/** Padding, then every word there is. */
export const WORDS: readonly string[] = [
  '',
  ...new Set([...PARTS, ...PRAISE, ...BLAME, ...FRAMES, ...TURNS, 'and', 'not', 'never', 'but'].flatMap(wordsOf)),
]
export const LONGEST = 24

export interface Review {
  readonly text: string
  readonly isPositive: boolean
}

/**
 * A review in two clauses. 'not' and 'never' turn the word after them around, and after 'but' or 'yet' the second clause
 * decides; so the same words in another order can mean the opposite.
 */
export function writeReview(rng: Rng): Review {
  const pick = <T>(items: readonly T[]): T => items[rng.int(items.length)]!
  const clause = (isPositive: boolean): string => {
    const isNegated = rng.next() < 0.5
    const opinion = pick(isPositive !== isNegated ? PRAISE : BLAME)
    const said = isNegated ? `${pick(['not', 'never'])} ${opinion}` : opinion
    return pick(FRAMES).replace('_', pick(PARTS)).replace('_', said)
  }
  const isPositive = rng.next() < 0.5
  const text =
    rng.next() < 0.5
      ? `${clause(isPositive)} and ${clause(isPositive)}`
      : `${clause(!isPositive)} ${pick(TURNS)} ${clause(isPositive)}`
  return { text, isPositive }
}

/** Word numbers, filled up with 0, and how many there are. */
export function encode(text: string): { readonly words: readonly number[]; readonly length: number } {
  const words = wordsOf(text).map((word) => WORDS.indexOf(word))
  return { words: [...words, ...Array<number>(LONGEST - words.length).fill(0)], length: words.length }
}

function wordsOf(text: string): string[] {
  return text.split(' ').filter((word) => word !== '_')
}
