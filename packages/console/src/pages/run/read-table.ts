export interface ReadTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Reads CSV after RFC 4180, with quoted fields over several lines; the first row has the names. */
export function readDelimited(text: string, delimiter: string): ReadTable {
  const rows: string[][] = []
  const field = new RegExp(`(?:"((?:[^"]|"")*)"|([^${delimiter}\\r\\n]*))(${delimiter}|\\r?\\n|\\r|$)`, 'y')
  let row: string[] = []
  while (field.lastIndex < text.length) {
    const found = field.exec(text)
    if (!found) break
    row.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '')
    if (found[3] === delimiter && field.lastIndex < text.length) continue
    if (found[3] === delimiter) row.push('')
    rows.push(row)
    row = []
  }
  const [columns = [], ...body] = rows
  return { columns, rows: body }
}

/** A table in JSON: a list of records, or columns and data apart; undefined where it is something else. */
export function tableInJson(value: unknown): ReadTable | undefined {
  if (Array.isArray(value) && value.length > 0 && value.every(isRecord)) {
    const columns = [...new Set(value.flatMap((row) => Object.keys(row)))]
    return { columns, rows: value.map((row) => columns.map((column) => cellText(row[column]))) }
  }
  if (!isRecord(value) || !Array.isArray(value.columns) || !Array.isArray(value.data)) return undefined
  if (!value.data.every(Array.isArray)) return undefined
  return { columns: value.columns.map(cellText), rows: value.data.map((row: unknown[]) => row.map(cellText)) }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const cellText = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
