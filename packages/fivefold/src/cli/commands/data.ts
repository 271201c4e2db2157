import { join } from 'node:path'
import { diffVersions, listVersions, resolveVersion } from '../../data/index.ts'
import { formatCount, formatPercent, formatTime } from '../../report/index.ts'
import { printJson, printLine } from '../output.ts'

interface DataFlags {
  readonly store: string
  readonly json?: boolean
}

/** Newest first. */
export async function dataLogCommand(flags: DataFlags): Promise<void> {
  const versions = (await listVersions(join(flags.store, 'data'))).reverse()
  if (flags.json) return printJson(versions)
  if (versions.length === 0) printLine(`no data versions in ${flags.store}`)
  for (const { hash, createdAt, rowCount, schema, location } of versions) {
    const size = `${formatCount(rowCount)} rows, ${schema.columns.length} columns`
    printLine(`${hash.slice('sha256:'.length, 19)}  ${formatTime(Date.parse(createdAt))}  ${size}  ${location}`)
  }
}

export async function dataDiffCommand(from: string, to: string, flags: DataFlags): Promise<void> {
  const store = join(flags.store, 'data')
  const diff = await diffVersions(await resolveVersion(store, from), await resolveVersion(store, to))
  if (flags.json) return printJson(diff)
  printLine(`rows ${diff.rows.map(formatCount).join(' -> ')}${movedRows(diff.addedRows, diff.removedRows)}`)
  for (const name of diff.addedColumns) printLine(`+ ${name}`)
  for (const name of diff.removedColumns) printLine(`- ${name}`)
  for (const column of diff.retypedColumns) printLine(`~ ${column.name}: ${column.from} -> ${column.to}`)
  for (const { name, missing, distinct, distance } of diff.columns) {
    if (distance === 0 && missing[0] === missing[1]) continue
    const moved = distance === null ? 'no values on one side' : `distance ${distance.toFixed(3)}`
    printLine(
      `~ ${name}: ${moved}, missing ${missing.map(formatPercent).join(' -> ')}, distinct ${distinct.join(' -> ')}`,
    )
  }
}

function movedRows(added: number | undefined, removed: number | undefined): string {
  return added === undefined || removed === undefined
    ? ''
    : ` (${formatCount(added)} added, ${formatCount(removed)} removed)`
}
