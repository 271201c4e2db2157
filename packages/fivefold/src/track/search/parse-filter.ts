import { FivefoldError } from '../../core/index.ts'
import { isQuotedName, type Token, tokenise, unquote } from './tokenise.ts'

export type Comparator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'LIKE' | 'ILIKE' | 'IN' | 'BETWEEN' | 'IS NULL'

export type Literal = string | number

/** `metrics.loss` is the key `loss` of the entity `metrics`; a bare `run_id` has no entity. */
export interface Identifier {
  readonly entity: string | undefined
  readonly key: string
}

export type Filter =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Filter[] }
  | { readonly kind: 'not'; readonly term: Filter }
  | {
      readonly kind: 'comparison'
      readonly left: Identifier
      readonly comparator: Comparator
      /** None for IS NULL, two for BETWEEN, any number for IN, else one. */
      readonly values: readonly Literal[]
      /** As in NOT LIKE: what has no value at all does not match either. */
      readonly negated: boolean
    }

/** Deeper nesting than any person writes. */
const MAX_DEPTH = 50

/**
 * Reads a filter in MLflow's language, which has comparisons joined by AND; also OR, NOT, parentheses, IN, BETWEEN and IS NULL
 * everywhere. undefined for an empty filter. Throws OPTION_INVALID.
 */
export function parseFilter(source: string | undefined): Filter | undefined {
  const tokens = tokenise(source ?? '')
  if (tokens.length === 0) return undefined
  const reader = createReader(tokens, source ?? '')
  const filter = readAlternatives(reader, 0)
  if (reader.peek()) throw reader.unexpected('AND, OR or the end')
  return filter
}

interface Reader {
  peek(): Token | undefined
  /** Takes the next token where it is that word or symbol. */
  accept(kind: 'word' | 'symbol', text: string): boolean
  next(expected: string): Token
  unexpected(expected: string): FivefoldError
}

function createReader(tokens: readonly Token[], source: string): Reader {
  let position = 0
  const unexpected = (expected: string): FivefoldError => {
    const token = tokens[position]
    const found = token ? `'${source.slice(token.at, token.at + 30)}'` : 'the end'
    return new FivefoldError('OPTION_INVALID', `invalid filter: expected ${expected}, found ${found}`)
  }
  return {
    peek: () => tokens[position],
    accept(kind, text) {
      const token = tokens[position]
      if (token?.kind !== kind || token.text !== text) return false
      position++
      return true
    },
    next(expected) {
      if (position >= tokens.length) throw unexpected(expected)
      return tokens[position++]!
    },
    unexpected,
  }
}

function readAlternatives(reader: Reader, depth: number): Filter {
  const terms = [readConjunction(reader, depth)]
  while (reader.accept('word', 'OR')) terms.push(readConjunction(reader, depth))
  return terms.length === 1 ? terms[0]! : { kind: 'or', terms }
}

function readConjunction(reader: Reader, depth: number): Filter {
  const terms = [readTerm(reader, depth)]
  while (reader.accept('word', 'AND')) terms.push(readTerm(reader, depth))
  return terms.length === 1 ? terms[0]! : { kind: 'and', terms }
}

function readTerm(reader: Reader, depth: number): Filter {
  if (depth > MAX_DEPTH) throw new FivefoldError('OPTION_INVALID', `invalid filter: nested deeper than ${MAX_DEPTH}`)
  if (reader.accept('word', 'NOT')) return { kind: 'not', term: readTerm(reader, depth + 1) }
  if (!reader.accept('symbol', '(')) return readComparison(reader)
  const inner = readAlternatives(reader, depth + 1)
  if (!reader.accept('symbol', ')')) throw reader.unexpected("')'")
  return inner
}

function readComparison(reader: Reader): Filter {
  const left = readIdentifier(reader)
  if (reader.accept('word', 'IS')) {
    const negated = reader.accept('word', 'NOT')
    if (!reader.accept('word', 'NULL')) throw reader.unexpected('NULL')
    return { kind: 'comparison', left, comparator: 'IS NULL', values: [], negated }
  }
  const negated = reader.accept('word', 'NOT')
  const comparator = readComparator(reader, negated)
  return { kind: 'comparison', left, comparator, values: readValues(reader, comparator), negated }
}

function readIdentifier(reader: Reader): Identifier {
  const token = reader.peek()
  if (token?.kind !== 'name') throw reader.unexpected('a name such as metrics.loss')
  reader.next('a name')
  return toIdentifier(token.text)
}

/** Splits at the first dot outside quotes. */
export function toIdentifier(text: string): Identifier {
  const dot = /^(?:[`"]?)([^.`"]+)(?:[`"]?)\.([\s\S]+)$/.exec(text)
  if (!dot || isQuotedName(text)) return { entity: undefined, key: unquote(text) }
  return { entity: dot[1]!, key: unquote(dot[2]!) }
}

const SYMBOLS: Readonly<Record<string, Comparator>> = {
  '=': '=',
  '==': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
}

function readComparator(reader: Reader, negated: boolean): Comparator {
  const token = reader.peek()
  if (token?.kind === 'word' && ['LIKE', 'ILIKE', 'IN', 'BETWEEN'].includes(token.text)) {
    reader.next('a comparator')
    return token.text as Comparator
  }
  const known = token?.kind === 'symbol' && !negated ? SYMBOLS[token.text] : undefined
  if (known === undefined) throw reader.unexpected(negated ? 'LIKE, ILIKE, IN or BETWEEN' : 'a comparator')
  reader.next('a comparator')
  return known
}

function readValues(reader: Reader, comparator: Comparator): Literal[] {
  if (comparator === 'IN') return readList(reader)
  const first = readLiteral(reader)
  if (comparator !== 'BETWEEN') return [first]
  if (!reader.accept('word', 'AND')) throw reader.unexpected('AND')
  return [first, readLiteral(reader)]
}

function readList(reader: Reader): Literal[] {
  if (!reader.accept('symbol', '(')) throw reader.unexpected("'('")
  const values = [readLiteral(reader)]
  while (reader.accept('symbol', ',') && !isClosing(reader)) values.push(readLiteral(reader))
  if (!reader.accept('symbol', ')')) throw reader.unexpected("',' or ')'")
  return values
}

/** Python writes a list of one as ('a',). */
const isClosing = (reader: Reader): boolean => {
  const token = reader.peek()
  return token?.kind === 'symbol' && token.text === ')'
}

function readLiteral(reader: Reader): Literal {
  const token = reader.peek()
  if (token?.kind === 'number') {
    reader.next('a value')
    return token.value
  }
  if (token?.kind === 'text' || (token?.kind === 'name' && isQuotedName(token.text))) {
    reader.next('a value')
    return unquote(token.text)
  }
  throw reader.unexpected('a number or a quoted text')
}
