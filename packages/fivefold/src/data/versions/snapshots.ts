import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Context, createContext, FivefoldError, writeFolderAtomic } from '../../core/index.ts'
import { quoteText } from '../duck/sql.ts'
import { columnSchemaJson } from '../schema-json.ts'
import type { Table } from '../table.ts'

const versionSchema = z.strictObject({
  format: z.literal(1),
  /** `sha256:...`, the content hash of the table. */
  hash: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  rowCount: z.number().int().positive(),
  /** Where the data came from. */
  location: z.string(),
  /** ISO 8601. */
  createdAt: z.string(),
  schema: z.strictObject({ columns: z.array(columnSchemaJson) }),
})

/** A table as it was, kept under its content hash. */
export interface DataVersion extends Omit<z.infer<typeof versionSchema>, 'format'> {
  /** The Parquet file; open it with `schema` to get the very table back, with the same content hash. */
  readonly path: string
}

const DATA_FILE = 'data.parquet'
const VERSION_FILE = 'version.json'

/**
 * Keeps a copy of the table in `<store>/<hash>/` unless it is there already. The version appears whole or not at all.
 *
 * @param store folder of versions, by convention `.fivefold/data`
 */
export async function snapshotTable(
  table: Table,
  store: string,
  context: Context = createContext(),
): Promise<DataVersion> {
  const hash = await table.contentHash()
  const folder = folderOf(store, hash)
  if (existsSync(join(folder, VERSION_FILE))) return readVersion(folder)
  const { rowCount, location, schema } = table
  const createdAt = new Date(context.clock.nowMs()).toISOString()
  const version = versionSchema.parse({ format: 1, hash, rowCount, location, createdAt, schema })
  try {
    await writeFolderAtomic(folder, async (temporary) => {
      const file = quoteText(join(temporary, DATA_FILE))
      await table.query(
        // In the order of the rows as it is: DuckDB keeps that of a table, and sorting a large one takes minutes.
        `COPY (SELECT * EXCLUDE (__row) FROM data) TO ${file} (FORMAT parquet, COMPRESSION zstd)`,
      )
      await writeFile(join(temporary, VERSION_FILE), `${JSON.stringify(version, null, 2)}\n`)
    })
  } catch (error) {
    throw FivefoldError.from(error, 'STORE_UNAVAILABLE')
  }
  return readVersion(folder)
}

/** All versions of a store, the oldest first; none where there is no store yet. */
export async function listVersions(store: string): Promise<DataVersion[]> {
  const names = await readdir(store).catch(noneWhereMissing)
  const folders = names.filter((name) => /^[0-9a-f]{64}$/.test(name)).map((name) => join(store, name))
  const versions = await Promise.all(folders.map(readVersion))
  return versions.sort((a, b) => compare(a.createdAt, b.createdAt) || compare(a.hash, b.hash))
}

/**
 * The version of a hash or of the beginning of one, with or without `sha256:`.
 *
 * @throws DATA_VERSION_UNKNOWN where none or several begin so
 */
export async function resolveVersion(store: string, hash: string): Promise<DataVersion> {
  const wanted = hash.replace(/^sha256:/, '')
  const matching = (await listVersions(store)).filter((version) =>
    version.hash.slice('sha256:'.length).startsWith(wanted),
  )
  if (matching.length === 1 && wanted !== '') return matching[0]!
  const reason = matching.length === 0 ? 'no version begins' : `${matching.length} versions begin`
  throw new FivefoldError('DATA_VERSION_UNKNOWN', `${store}: ${reason} with '${hash}'`)
}

function folderOf(store: string, hash: string): string {
  return join(store, hash.replace(/^sha256:/, ''))
}

async function readVersion(folder: string): Promise<DataVersion> {
  const path = join(folder, VERSION_FILE)
  try {
    const { format: _, ...version } = versionSchema.parse(JSON.parse(await readFile(path, 'utf8')))
    return { ...version, path: join(folder, DATA_FILE) }
  } catch (error) {
    throw new FivefoldError('DATA_UNREADABLE', `'${path}' does not describe a data version`, { cause: error })
  }
}

function noneWhereMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw FivefoldError.from(error, 'STORE_UNAVAILABLE')
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
