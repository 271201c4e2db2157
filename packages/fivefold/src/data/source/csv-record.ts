/** Where the first record of a text ends and what it holds; a newline within quotes does not end it. */
export interface CsvRecord {
  readonly values: readonly string[]
  /** Offset of the character after the record's line break. */
  readonly end: number
}

/** Reads one RFC 4180 record from `start`. The last record may lack its line break. */
export function readCsvRecord(text: string, start: number, delimiter: string): CsvRecord {
  const values: string[] = []
  let value = ''
  let quoted = false
  let at = start
  for (; at < text.length; at++) {
    const character = text[at]!
    if (quoted) {
      if (character !== '"') value += character
      else if (text[at + 1] === '"') value += text[at++]
      else quoted = false
    } else if (character === '"' && value.trim() === '') {
      quoted = true
      value = ''
    } else if (character === delimiter) {
      values.push(value)
      value = ''
    } else if (character === '\n' || character === '\r') break
    else value += character
  }
  values.push(value)
  return { values, end: text[at] === '\r' && text[at + 1] === '\n' ? at + 2 : at + 1 }
}

/** The first records of a text, blank lines left out. */
export function readCsvRecords(text: string, delimiter: string, count: number): readonly string[][] {
  const records: string[][] = []
  for (let at = 0; at < text.length && records.length < count; ) {
    const record = readCsvRecord(text, at, delimiter)
    if (record.values.length > 1 || record.values[0]!.trim() !== '') records.push([...record.values])
    at = record.end
  }
  return records
}
