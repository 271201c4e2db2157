import { FivefoldError } from '../../../core/index.ts'

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

const MAX_INTEGER_DIGITS = 24
const WORDS = [
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', Number.NaN],
] as const
/** Sticky: matched exactly at the reader's place. */
const NUMBER = /-?(?:Infinity|(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)/y
/** What a JSON string may not hold as it is, or what stands for something else. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them
const NEEDS_PARSING = /[\u0000-\u001f\\]/

class ExactReader {
  private readonly text: string
  private at = 0

  constructor(text: string) {
    this.text = text
  }

  document(): ExactValue {
    const value = this.value()
    this.skipSpace()
    if (this.at < this.text.length) this.fail()
    return value
  }

  private value(): ExactValue {
    this.skipSpace()
    const head = this.text[this.at]
    if (head === '{') return this.object()
    if (head === '[') return this.array()
    if (head === '"') return this.string()
    for (const [word, value] of WORDS) {
      if (head !== word[0] || !this.text.startsWith(word, this.at)) continue
      this.at += word.length
      return value
    }
    return this.number()
  }

  private skipSpace(): void {
    for (; this.at < this.text.length; this.at++) {
      const code = this.text.charCodeAt(this.at)
      if (code !== 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) return
    }
  }

  private object(): { [key: string]: ExactValue } {
    // No prototype: a key such as __proto__ stays a plain key, which the caller then refuses by name.
    const into: { [key: string]: ExactValue } = Object.create(null)
    this.each('}', () => {
      this.skipSpace()
      const key = this.string()
      this.skipSpace()
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
    this.skipSpace()
    if (this.text[this.at] === end) {
      this.at++
      return
    }
    while (true) {
      item()
      this.skipSpace()
      const next = this.text[this.at++]
      if (next === end) return
      if (next !== ',') this.fail()
    }
  }

  private string(): string {
    const start = this.at
    if (this.text[start] !== '"') this.fail()
    const end = this.endOfString(start)
    this.at = end + 1
    const inner = this.text.slice(start + 1, end)
    if (end < this.text.length && !NEEDS_PARSING.test(inner)) return inner
    try {
      return JSON.parse(this.text.slice(start, this.at)) as string
    } catch {
      this.at = start
      this.fail()
    }
  }

  private endOfString(start: number): number {
    for (let end = start + 1; end < this.text.length; end++) {
      const code = this.text.charCodeAt(end)
      if (code === 0x5c) end++
      else if (code === 0x22) return end
    }
    return this.text.length
  }

  private number(): number | bigint {
    NUMBER.lastIndex = this.at
    const token = NUMBER.exec(this.text)?.[0]
    if (!token) this.fail()
    this.at += token.length
    const value = Number(token)
    // No tensor type takes more than 64 bits, so digits beyond that need not stay exact.
    const exact = !Number.isSafeInteger(value) && token.length <= MAX_INTEGER_DIGITS && /^-?\d+$/.test(token)
    return exact ? BigInt(token) : value
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
