import { FivefoldError } from '../../core/index.ts'

/** JSON in which integers beyond 2^53 are bigints, so that INT64 and UINT64 tensors pass through unharmed. */
export type ExactValue = null | boolean | number | bigint | string | ExactValue[] | { [key: string]: ExactValue }

/**
 * Reads JSON with exact integers, and NaN, Infinity and -Infinity as Python's json module writes them. Slower than
 * JSON.parse and used only where that would lose digits (JSON.parse of Node 20 does not show the source of a number).
 * The caller has bounded the nesting.
 *
 * @throws REQUEST_INVALID
 */
export function parseExactJson(text: string): ExactValue {
  const reader = new ExactReader(text)
  return reader.document()
}

/** Tokens, sticky: matched exactly at the reader's place. */
const NUMBER = /-?(?:Infinity|(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)/y
const SPACE = /[ \t\n\r]*/y
const WORD = /true|false|null|NaN/y
const MAX_INTEGER_DIGITS = 24
const WORDS: Readonly<Record<string, ExactValue>> = { true: true, false: false, null: null, NaN: Number.NaN }

class ExactReader {
  private readonly text: string
  private at = 0

  constructor(text: string) {
    this.text = text
  }

  document(): ExactValue {
    const value = this.value()
    this.token(SPACE)
    if (this.at < this.text.length) this.fail()
    return value
  }

  private value(): ExactValue {
    this.token(SPACE)
    const head = this.text[this.at]
    if (head === '{') return this.object()
    if (head === '[') return this.array()
    if (head === '"') return this.string()
    const word = this.token(WORD)
    if (word) return WORDS[word]!
    return this.number()
  }

  private object(): { [key: string]: ExactValue } {
    // No prototype: a key such as __proto__ stays a plain key, which the caller then refuses by name.
    const into: { [key: string]: ExactValue } = Object.create(null)
    this.each('}', () => {
      this.token(SPACE)
      const key = this.string()
      this.token(SPACE)
      if (this.text[this.at++] !== ':') this.fail()
      into[key] = this.value()
    })
    return into
  }

  private array(): ExactValue[] {
    const into: ExactValue[] = []
    this.each(']', () => into.push(this.value()))
    return into
  }

  private each(end: string, item: () => void): void {
    this.at++
    this.token(SPACE)
    if (this.text[this.at] === end) {
      this.at++
      return
    }
    while (true) {
      item()
      this.token(SPACE)
      const next = this.text[this.at++]
      if (next === end) return
      if (next !== ',') this.fail()
    }
  }

  private string(): string {
    const start = this.at
    if (this.text[start] !== '"') this.fail()
    let end = start + 1
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === '\\' ? 2 : 1
    this.at = end + 1
    try {
      return JSON.parse(this.text.slice(start, this.at)) as string
    } catch {
      this.at = start
      this.fail()
    }
  }

  private number(): number | bigint {
    const token = this.token(NUMBER)
    if (!token) this.fail()
    const value = Number(token)
    // No tensor type takes more than 64 bits, so digits beyond that need not stay exact.
    const exact = !Number.isSafeInteger(value) && token.length <= MAX_INTEGER_DIGITS && /^-?\d+$/.test(token)
    return exact ? BigInt(token) : value
  }

  private token(pattern: RegExp): string {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0] ?? ''
    this.at += found.length
    return found
  }

  private fail(): never {
    throw new FivefoldError('REQUEST_INVALID', `the body is not JSON at character ${this.at}`)
  }
}

/** Writes JSON with bigints as plain integers. Numbers that are not finite become null, as in JSON.stringify. */
export function stringifyExactly(value: unknown): string {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return `[${value.map((item) => stringifyExactly(item ?? null)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${stringifyExactly(inner)}`).join(',')}}`
}
