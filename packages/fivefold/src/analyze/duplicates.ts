import { columnOf, type Frame, type Table } from '../data/index.ts'
import { quoteName } from './column-sql.ts'
import type { Duplicates } from './profile.ts'

/** Repeated rows and repeated columns, over all rows. */
export async function findDuplicates(table: Table, sample: Frame): Promise<Duplicates> {
  return { rows: await countRepeatedRows(table), columns: await findEqualColumns(table, sample) }
}

/** By a 64-bit hash of the row: of a billion different rows, about one pair would be taken for equal. */
async function countRepeatedRows(table: Table): Promise<number> {
  const names = table.schema.columns.map(({ name }) => quoteName(name)).join(', ')
  const sql = `SELECT count(*) - count(DISTINCT h) AS repeated FROM (SELECT hash(${names}) AS h FROM data)`
  const [row] = await table.query(sql)
  return Number(row?.repeated ?? 0)
}

async function findEqualColumns(table: Table, sample: Frame): Promise<string[][]> {
  const bySignature = new Map<string, string[]>()
  for (const { name, type } of table.schema.columns) {
    if (type === 'constant') continue
    const signature = signatureOf(sample, name)
    bySignature.set(signature, [...(bySignature.get(signature) ?? []), name])
  }
  const groups: string[][] = []
  for (const names of bySignature.values()) {
    if (names.length > 1) groups.push(...(await confirmEqual(table, names)))
  }
  return groups
}

/** Two 32-bit FNV-style hashes over the sampled values; equal columns have equal signatures. */
function signatureOf(sample: Frame, name: string): string {
  const column = columnOf(sample, name)
  const words = column.kind === 'number' ? wordsOfNumbers(column.values) : wordsOfCodes(column.codes)
  let a = 0x811c9dc5
  let b = 0x9e3779b9
  for (let i = 0; i < words.length; i++) {
    a = Math.imul(a ^ words[i]!, 0x01000193)
    b = Math.imul(b ^ words[i]!, 0x85ebca6b) ^ (b >>> 15)
  }
  return `${column.kind}:${a}:${b}`
}

const wordsOfNumbers = (values: Float64Array): Uint32Array => new Uint32Array(Float64Array.from(values).buffer)

/** Codes in order of first appearance: dictionaries may list the same texts in another order. */
function wordsOfCodes(codes: Int32Array): Int32Array {
  const places = new Map<number, number>()
  return codes.map((code) => {
    if (code < 0) return -1
    const place = places.get(code) ?? places.size
    places.set(code, place)
    return place
  })
}

/** Looks at every row: columns that agree in the sample may differ elsewhere, and categories may only be renamed. */
async function confirmEqual(table: Table, names: readonly string[]): Promise<string[][]> {
  const [first, ...others] = names
  const tests = others.map(
    (name, i) =>
      `count(*) FILTER (CAST(${quoteName(name)} AS VARCHAR) IS DISTINCT FROM CAST(${quoteName(first!)} AS VARCHAR)) AS c${i}`,
  )
  const [row = {}] = await table.query(`SELECT ${tests.join(', ')} FROM data`)
  const equal = others.filter((_, i) => Number(row[`c${i}`]) === 0)
  return equal.length > 0 ? [[first!, ...equal]] : []
}
