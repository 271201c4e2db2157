import { join } from 'node:path'
import { diffVersions, listVersions } from '../../data/index.ts'
import { printJson, printLine } from '../output.ts'

interface DataFlags {
  readonly store: string
  readonly json?: boolean
}

export async function dataLogCommand(flags: DataFlags): Promise<void> {
  const versions = await listVersions(join(flags.store, 'data'))
  if (flags.json) return printJson(versions)
  if (versions.length === 0) printLine(`no data versions in ${flags.store}`)
  for (const { version, createdAt, rowCount, columnCount, location } of versions) {
    printLine(`${version.slice(0, 12)}  ${createdAt}  ${rowCount} rows, ${columnCount} columns  ${location}`)
  }
}

export async function dataDiffCommand(from: string, to: string, flags: DataFlags): Promise<void> {
  const diff = await diffVersions(from, to, join(flags.store, 'data'))
  if (flags.json) return printJson(diff)
  printLine(`rows: ${diff.rowCount.from} -> ${diff.rowCount.to}`)
  for (const name of diff.columnsAdded) printLine(`+ ${name}`)
  for (const name of diff.columnsRemoved) printLine(`- ${name}`)
  for (const change of diff.columnsChanged) printLine(`~ ${change.column}: ${change.message}`)
}
