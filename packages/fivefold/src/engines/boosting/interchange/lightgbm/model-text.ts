import { FivefoldError } from '../../../../core/index.ts'

type Entries = ReadonlyMap<string, string>

/** The parts of a model file of LightGBM; each is lines of `key=value`, or of a key alone. */
export interface ModelText {
  readonly header: Entries
  readonly trees: readonly Entries[]
  /** `[key: value]` of the training. */
  readonly parameters: Entries
}

/** @throws MODEL_UNREADABLE where the text is no model, or ends before its trees do */
export function parseModelText(text: string): ModelText {
  const lines = text.split(/\r?\n/)
  if (lines[0]?.trim() !== 'tree') throw unreadable("its first line is not 'tree'")
  const end = lines.indexOf('end of trees')
  if (end < 0) throw unreadable("it has no line 'end of trees'")
  const heads = lines.flatMap((line, i) => (i < end && line.startsWith('Tree=') ? [i] : []))
  const bounds = [...heads, end]
  const header = entriesOf(lines.slice(1, bounds[0]))
  const sizes = header
    .get('tree_sizes')
    ?.split(' ')
    .filter((word) => word !== '')
  if (sizes !== undefined && sizes.length !== heads.length)
    throw unreadable(`it has ${heads.length} trees and the sizes of ${sizes.length}`)
  return {
    header,
    trees: heads.map((head, i) => entriesOf(lines.slice(head + 1, bounds[i + 1]))),
    parameters: new Map(
      lines.slice(end).flatMap((line) => {
        const match = /^\[(\w+): (.*)\]$/.exec(line)
        return match ? [[match[1]!, match[2]!] as const] : []
      }),
    ),
  }
}

function entriesOf(lines: readonly string[]): Entries {
  return new Map(
    lines.map((line) => {
      const at = line.indexOf('=')
      return at < 0 ? [line.trim(), ''] : [line.slice(0, at), line.slice(at + 1)]
    }),
  )
}

export function wholeNumberAt(entries: Entries, key: string, otherwise?: number): number {
  const number = Number(entries.get(key) ?? otherwise ?? Number.NaN)
  if (!Number.isInteger(number) || number < 0) throw unreadable(`${key}=${entries.get(key) ?? ''}`)
  return number
}

/** As C++ writes them. */
const INFINITE: ReadonlyMap<string, number> = new Map([
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
])

/** Numbers between spaces; [] where the key is not there. With a length, exactly so many. */
export function numbersAt(entries: Entries, key: string, length?: number): Float64Array {
  const words = (entries.get(key) ?? '').split(' ').filter((word) => word !== '')
  if (length !== undefined && words.length !== length)
    throw unreadable(`${key} has ${words.length} numbers instead of ${length}`)
  const numbers = Float64Array.from(words, (word) => INFINITE.get(word) ?? Number(word))
  if (numbers.some(Number.isNaN)) throw unreadable(`${key} has something that is no number`)
  return numbers
}

function unreadable(reason: string): FivefoldError {
  return new FivefoldError('MODEL_UNREADABLE', `not a model of LightGBM: ${reason}`)
}
