import type { ColumnSchema, SemanticType, TensorType } from '../schema.ts'
import type { ColumnFacts } from './column-facts.ts'
import type { Reading, Storage } from './reading.ts'

/** Fewer rows than this prove nothing by being distinct. */
const MIN_IDENTIFIER_ROWS = 20
/** Present values of an identifier differ in nearly every row. */
const IDENTIFIER_DISTINCT_SHARE = 0.99
/** Rising integers are row numbers with gaps while their range is within this factor of their count. */
const ROW_NUMBER_SPREAD = 10
const TEXT_MIN_WORDS = 3
const TEXT_MIN_DISTINCT_SHARE = 0.3
const TEXT_MIN_CHARACTERS = 50
const IDENTIFIER_MAX_WORDS = 1.5
const IDENTIFIER_MAX_CHARACTERS = 64

const IDENTIFIER_NAME = /(^|[_\s.-])(id|uuid|guid|key|rownames?|row_?num(ber)?|index|instant)$|[a-z](Id|ID|Key)$/i
const TIME_NAME = /(year|month|week|day|date|hour|time|stamp|period)/i

interface Choice {
  readonly type: SemanticType
  readonly reason: string
}

/** The semantic type of a column, the tensor it becomes, and why. */
export function describeColumn(
  name: string,
  reading: Reading,
  facts: ColumnFacts,
  declared: SemanticType | undefined,
): ColumnSchema {
  const choice = declared ? { type: declared, reason: 'declared' } : chooseType(name, reading.storage, facts)
  const nullable = facts.present < facts.rowCount
  const note = declared ? reading.caution : reading.detail
  const evidence = note ? `${choice.reason}; ${note}` : choice.reason
  return {
    name,
    type: choice.type,
    tensor: tensorOf(reading.storage, nullable),
    nullable,
    evidence,
    ...(reading.datetimeFormat && reading.datetimeFormat !== 'ISO 8601'
      ? { datetimeFormat: reading.datetimeFormat }
      : {}),
  }
}

const count = ({ distinct, isDistinctExact }: ColumnFacts): string => `${isDistinctExact ? '' : 'about '}${distinct}`

function tensorOf(storage: Storage, nullable: boolean): TensorType {
  if (storage === 'VARCHAR') return 'string'
  if (storage === 'BIGINT' && !nullable) return 'int64'
  if (storage === 'BOOLEAN' && !nullable) return 'bool'
  return 'double'
}

function chooseType(name: string, storage: Storage, facts: ColumnFacts): Choice {
  if (facts.present === 0) return { type: 'constant', reason: 'no value is present' }
  if (facts.distinct === 1 && facts.present === facts.rowCount)
    return { type: 'constant', reason: `all ${facts.rowCount} rows hold the same value` }
  if (storage === 'BOOLEAN') return { type: 'boolean', reason: 'true and false only' }
  if (storage === 'TIMESTAMP') return { type: 'datetime', reason: `${count(facts)} distinct instants` }
  if (storage === 'DOUBLE') return { type: 'number', reason: `numbers from ${facts.min} to ${facts.max}` }
  return storage === 'BIGINT' ? chooseIntegerType(name, facts) : chooseTextType(name, facts)
}

function chooseIntegerType(name: string, facts: ColumnFacts): Choice {
  const { rowCount, distinct, min, max, rising } = facts
  const range = `integers from ${min} to ${max}, ${count(facts)} distinct`
  const integer: Choice = { type: 'integer', reason: range }
  if (distinct < rowCount || rowCount < MIN_IDENTIFIER_ROWS || TIME_NAME.test(name)) return integer
  const consecutive = max - min === rowCount - 1
  const rowNumbers = consecutive || (rising && max - min < rowCount * ROW_NUMBER_SPREAD)
  if (rowNumbers || IDENTIFIER_NAME.test(name))
    return { type: 'identifier', reason: `${range}, ${uniqueness(facts, name, consecutive)}` }
  return integer
}

function uniqueness({ rising }: ColumnFacts, name: string, consecutive: boolean): string {
  if (consecutive) return 'one for each row without gaps'
  return rising ? 'each row above the one before' : `one for each row, under the name '${name}'`
}

function chooseTextType(name: string, facts: ColumnFacts): Choice {
  const { present, distinct, meanCharacters, meanWords } = facts
  const share = distinct / present
  const figures = `${count(facts)} distinct texts in ${present} values, ${meanWords.toFixed(1)} words and ${meanCharacters.toFixed(0)} characters on average`
  const wordy = meanWords >= TEXT_MIN_WORDS || meanCharacters >= TEXT_MIN_CHARACTERS
  const isCode = meanWords <= IDENTIFIER_MAX_WORDS && meanCharacters <= IDENTIFIER_MAX_CHARACTERS
  if (present >= MIN_IDENTIFIER_ROWS && share >= IDENTIFIER_DISTINCT_SHARE && isCode)
    return { type: 'identifier', reason: figures }
  if (share >= IDENTIFIER_DISTINCT_SHARE && IDENTIFIER_NAME.test(name) && isCode)
    return { type: 'identifier', reason: `${figures}, under the name '${name}'` }
  if (wordy && share >= TEXT_MIN_DISTINCT_SHARE) return { type: 'text', reason: figures }
  return { type: 'category', reason: figures }
}
