import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openTable, type SourceOptions, type Table } from '../data/index.ts'

type Value = string | number | null

/** Opens columns as a table by way of a CSV file, works with it, and leaves nothing behind. For tests. */
export async function withTable<T>(
  columns: Readonly<Record<string, readonly Value[]>>,
  work: (table: Table) => Promise<T>,
  options: Partial<SourceOptions> = {},
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'fivefold-analyze-'))
  try {
    const location = join(folder, 'data.csv')
    await writeFile(location, csvOf(columns))
    await using table = await openTable({ location, format: 'csv', ...options })
    return await work(table)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function csvOf(columns: Readonly<Record<string, readonly Value[]>>): string {
  const quoted = (value: Value): string => (value === null ? '' : `"${String(value).replaceAll('"', '""')}"`)
  const names = Object.keys(columns)
  const rowCount = Object.values(columns)[0]?.length ?? 0
  const rows = Array.from({ length: rowCount }, (_, i) => names.map((name) => quoted(columns[name]![i]!)).join(','))
  return `${[names.map(quoted).join(','), ...rows].join('\n')}\n`
}

/** A folder of real data beside the repository; undefined, with a printed reason, where it is not there. */
export function realData(path: string): string | undefined {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const found = join(folder, '..', 'shared', 'data', path)
    if (existsSync(found)) return found
    if (dirname(folder) === folder) break
  }
  if (process.env.CI === 'true') throw new Error(`no ${path} beside the repository`)
  console.log(`skipped: no ${path} beside the repository`)
  return undefined
}
