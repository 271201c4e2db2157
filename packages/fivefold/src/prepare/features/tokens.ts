/**
 * Words are found by a regular expression over fixed ranges of code points, not by Unicode classes or word boundaries:
 * those differ with locale, Unicode version and engine, and the graph must cut text exactly as training did.
 */

type Range = readonly [first: number, last: number]

/** Code points that words are made of: Latin, Greek, Cyrillic, Hebrew, Arabic, Indic scripts, Hangul and so on. */
const WORD_RANGES: readonly Range[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
  [0xaa, 0xaa],
  [0xb5, 0xb5],
  [0xba, 0xba],
  [0xc0, 0xd6],
  [0xd8, 0xf6],
  [0xf8, 0x37d],
  [0x37f, 0x386],
  [0x388, 0x559],
  [0x560, 0x588],
  [0x591, 0x5bd],
  [0x5c7, 0x5f2],
  [0x610, 0x61a],
  [0x620, 0x669],
  [0x66e, 0x6d3],
  [0x6d5, 0x963],
  [0x966, 0xe4e],
  [0xe50, 0xe59],
  [0xe80, 0x1049],
  [0x1050, 0x135f],
  [0x1369, 0x166c],
  [0x166f, 0x17d3],
  [0x17e0, 0x17ff],
  [0x180b, 0x1fff],
  [0x2c00, 0x2dff],
  [0xa4d0, 0xa4fd],
  [0xa500, 0xa60c],
  [0xa610, 0xa672],
  [0xa674, 0xd7ff],
  [0xfb00, 0xfd3d],
  [0xfd50, 0xfdff],
  [0xfe70, 0xfefc],
  [0xff10, 0xff19],
  [0xff21, 0xff3a],
  [0xff41, 0xff5a],
  [0x10000, 0x1eeff],
]

/** Code points that are a word each: CJK and kana, which are written without spaces, and emoji. */
const SINGLE_RANGES: readonly Range[] = [
  [0x2600, 0x27bf],
  [0x3041, 0x30ff],
  [0x3105, 0x318f],
  [0x31f0, 0x31ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xf900, 0xfaff],
  [0x1f000, 0x1faff],
  [0x20000, 0x3ffff],
]

function pattern(written: (codePoint: number) => string): string {
  const set = (ranges: readonly Range[]): string =>
    `[${ranges.map(([first, last]) => `${written(first)}-${written(last)}`).join('')}]`
  return `${set(SINGLE_RANGES)}|${set(WORD_RANGES)}+`
}

const WORDS = new RegExp(
  pattern((codePoint) => `\\u{${codePoint.toString(16)}}`),
  'gu',
)

/** The same expression in the syntax of RE2, for com.microsoft.Tokenizer. */
export const RE2_WORDS = pattern((codePoint) => `\\x{${codePoint.toString(16)}}`)

/** The words of a text, in order, as they are written. */
export const wordsOf = (text: string): readonly string[] => text.match(WORDS) ?? []
