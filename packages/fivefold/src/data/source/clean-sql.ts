import { quoteName, quoteText } from '../duck/sql.ts'
import { isTextType } from '../infer/native-columns.ts'
import type { RawColumn } from '../infer/reading.ts'

const MISSING_TEXTS = ['?', 'NA', 'N/A', 'NaN', 'null', 'NULL']

/** Texts that mean missing: the empty one, and those that were given or the usual ones. */
export function missingMarks(given: readonly string[] | undefined): readonly string[] {
  return ['', ...(given ?? MISSING_TEXTS)]
}

const BLANKS = ' \t\r\n\u00a0'

/**
 * Trims a text and turns marks of missing values into NULL. Written with CASE because DuckDB runs a long IN list as a
 * join, which loses the order of rows; trimmed only where a blank begins or ends the text, because trimming is slow; and
 * short, because planning a statement over a thousand columns takes longer than running it.
 */
export function cleanSql({ name, nativeType }: RawColumn, missing: readonly string[]): string {
  const value = quoteName(name)
  if (!isTextType(nativeType)) return value
  const text = nativeType === 'VARCHAR' ? value : `CAST(${value} AS VARCHAR)`
  const blank = `${text} < '!' OR suffix(${text}, ' ') OR suffix(${text}, '\t') OR ${text} >= '\u00a0' AND ${text} < '\u00a1'`
  const trimmed = `(CASE WHEN ${isMissingSql(text, missing)} THEN NULL ELSE ${trimSql(text)} END)`
  const longest = Math.max(...missing.map((mark) => Buffer.byteLength(mark)))
  const isMark = missing.map((mark) => `${text} = ${quoteText(mark)}`).join(' OR ')
  return `(CASE WHEN ${blank} THEN ${trimmed} WHEN strlen(${text}) > ${longest} THEN ${text} WHEN ${isMark} THEN NULL ELSE ${text} END)`
}

/** Whether a text, blanks around it aside, is a mark of a missing value. */
export function isMissingSql(text: string, missing: readonly string[]): string {
  const marks = missing.map((mark) => mark.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')
  return `regexp_full_match(${text}, ${quoteText(`[${BLANKS}]*(${marks})[${BLANKS}]*`)})`
}

/** Blanks that stand around values without meaning anything. */
export function trimSql(text: string): string {
  return `trim(${text}, ${quoteText(BLANKS)})`
}
