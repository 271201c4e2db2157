import { isAbsolute, join, relative } from 'node:path'
import { type Context, FivefoldError } from '../core/index.ts'
import { openTable, type SourceOptions, type Table, unknownColumns } from '../data/index.ts'
import type { ResolvedConfig } from './config.ts'

/** The opened tables of a run, and what of their columns is what. */
export interface ProjectData extends AsyncDisposable {
  readonly table: Table
  /** The given test file, opened with the types of the training table. */
  readonly test: Table | undefined
  readonly targetName: string
  /** Columns that are no features: dropped by config, or read by the target's expression. */
  readonly drop: readonly string[]
  readonly hash: string
}

export async function openProjectData(config: ResolvedConfig, folder: string, context: Context): Promise<ProjectData> {
  context.progress({ stage: 'open', done: 0, note: config.data.location })
  const source = withTarget(config, inFolder(config.data, folder))
  const table = await openTable(source, context)
  try {
    const test = await openTestTable(config, folder, source, table, context)
    const targetName = typeof config.target === 'string' ? config.target : config.target.name
    requireColumns(table, [targetName, ...config.drop, ...config.protect, ...splitColumns(config)])
    refuseOutputNames(table, targetName, config.drop)
    const drop = [...new Set([...config.drop, ...columnsOfExpression(config, table)])]
    const hashes = [await table.contentHash(), ...(test ? [await test.contentHash()] : [])]
    return {
      table,
      test,
      targetName,
      drop,
      hash: hashes.join('+'),
      [Symbol.asyncDispose]: async () => {
        await test?.close()
        await table.close()
      },
    }
  } catch (error) {
    await table.close()
    throw error
  }
}

async function openTestTable(
  config: ResolvedConfig,
  folder: string,
  source: SourceOptions,
  table: Table,
  context: Context,
): Promise<Table | undefined> {
  if (config.split.kind !== 'file') return undefined
  const given: SourceOptions =
    typeof config.split.test === 'string' ? { location: config.split.test } : config.split.test
  const { location: _, ...reading } = source
  return openTable({ ...reading, ...inFolder(given, folder), schema: table.schema }, context)
}

/** The source with the target's expression as one more column. */
function withTarget(config: ResolvedConfig, source: SourceOptions): SourceOptions {
  if (typeof config.target === 'string') return source
  return { ...source, derive: { ...source.derive, [config.target.name]: config.target.sql } }
}

/** Relative file paths start from the project's folder, and are shown as the user would write them; URLs stay as they are. */
export function inFolder<T extends { readonly location: string }>(source: T, folder: string): T {
  const isUrl = /^[a-z]+:/i.test(source.location)
  return isUrl || isAbsolute(source.location)
    ? source
    : { ...source, location: relative('.', join(folder, source.location)) }
}

function splitColumns(config: ResolvedConfig): string[] {
  return config.split.kind === 'time' || config.split.kind === 'group' ? [config.split.column] : []
}

/** Outputs of the model graph have names that an input must not have. */
function refuseOutputNames(table: Table, target: string, dropped: readonly string[]): void {
  const taken = table.schema.columns
    .map((column) => column.name)
    .filter((name) => name !== target && !dropped.includes(name))
    .filter((name) => name === 'label' || name === 'prediction' || name.startsWith('probability_'))
  if (taken.length === 0) return
  throw new FivefoldError('FEATURE_INVALID', `column '${taken[0]}' has the name of an output of the model`, {
    remedy: `Leave it out with --drop ${taken.join(',')}, or rename it in the data.`,
  })
}

function requireColumns(table: Table, names: readonly string[]): void {
  const known = table.schema.columns.map((column) => column.name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length === 0) return
  throw unknownColumns(unknown, known)
}

/** Columns that the target is computed from would give it away. Matched as whole words, which may drop one too many. */
function columnsOfExpression(config: ResolvedConfig, table: Table): string[] {
  const target = config.target
  if (typeof target === 'string') return []
  const words = new Set(target.sql.toLowerCase().match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? [])
  const isRead = (name: string): boolean => words.has(name.toLowerCase()) || target.sql.includes(`"${name}"`)
  return table.schema.columns.map((column) => column.name).filter((name) => name !== target.name && isRead(name))
}
