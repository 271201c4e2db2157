import { FivefoldError } from '../../core/index.ts'

export type Token =
  | { readonly kind: 'name'; readonly text: string; readonly at: number }
  | { readonly kind: 'text'; readonly text: string; readonly at: number }
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | { readonly kind: 'word'; readonly text: string; readonly at: number }
  | { readonly kind: 'symbol'; readonly text: string; readonly at: number }

const WORDS = new Set(['AND', 'OR', 'NOT', 'IN', 'LIKE', 'ILIKE', 'RLIKE', 'IS', 'NULL', 'BETWEEN', 'ASC', 'DESC'])

/** `quoted` holds one alternative per form: 'text', "text", `text`; a doubled quote stands for itself. */
const PATTERNS = {
  space: /\s+/y,
  number: /[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.])/y,
  text: /'((?:[^']|'')*)'/y,
  symbol: /<=|>=|!=|<>|==|=|<|>|\(|\)|,/y,
  name: /(?:[\p{L}\p{N}_$/:@-]+|"(?:[^"]|"")*"|`(?:[^`]|``)*`)(?:\.(?:[\p{L}\p{N}_.$/:@-]+|"(?:[^"]|"")*"|`(?:[^`]|``)*`))*/uy,
} as const

const MAX_FILTER_LENGTH = 20_000

/** Cuts a filter into tokens. Throws OPTION_INVALID with the place of what it does not know. */
export function tokenise(source: string): Token[] {
  if (source.length > MAX_FILTER_LENGTH)
    throw new FivefoldError('OPTION_INVALID', `the filter is longer than ${MAX_FILTER_LENGTH} characters`)
  const tokens: Token[] = []
  let at = 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(source)?.[0]
  }
  while (at < source.length) {
    const space = take(PATTERNS.space)
    const found = space ?? take(PATTERNS.number) ?? take(PATTERNS.text) ?? take(PATTERNS.symbol) ?? take(PATTERNS.name)
    if (found === undefined)
      throw new FivefoldError(
        'OPTION_INVALID',
        `the filter is not understood at character ${at}: ${source.slice(at, at + 30)}`,
      )
    if (space === undefined) tokens.push(toToken(found, at))
    at += found.length
  }
  return tokens
}

function toToken(found: string, at: number): Token {
  if (found.startsWith("'")) return { kind: 'text', text: unquote(found), at }
  if (/^(?:[-+]?\.?\d)/.test(found) && Number.isFinite(Number(found)))
    return { kind: 'number', value: Number(found), at }
  if (/^[<>=!(),]/.test(found)) return { kind: 'symbol', text: found, at }
  const word = found.toUpperCase()
  return WORDS.has(word) ? { kind: 'word', text: word, at } : { kind: 'name', text: found, at }
}

const isQuoted = (text: string): boolean => text.length >= 2 && /^(['"`])[\s\S]*\1$/.test(text)

/** The text between quotes; other text stays as it is. */
export function unquote(text: string): string {
  if (!isQuoted(text)) return text
  const quote = text[0]!
  return text.slice(1, -1).replaceAll(quote + quote, quote)
}

/** Whether a name is a quoted whole, which stands for a text where a value is expected. */
export const isQuotedName = (text: string): boolean => isQuoted(text) && /^"(?:[^"]|"")*"$/.test(text)
