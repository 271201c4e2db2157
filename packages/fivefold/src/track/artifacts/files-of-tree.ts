import { sql } from 'kysely'
import type { Database } from '../database/database.ts'
import type { StoredFile } from './content-store.ts'

/** All files below a folder of the tree, by their names inside it. */
export async function filesOfTree({ read }: Database, folder: string): Promise<StoredFile[]> {
  const rows = await read
    .selectFrom('artifact_files')
    .select(['path', 'sha256', 'size_bytes'])
    .where(belowFolder(folder))
    .orderBy('path')
    .execute()
  return rows.map(({ path, sha256, size_bytes }) => ({
    name: folder === '' ? path : path.slice(folder.length + 1),
    sha256,
    sizeBytes: size_bytes,
  }))
}

/** A range of the primary key: '0' follows '/' where texts compare by bytes. */
export function belowFolder(folder: string): ReturnType<typeof sql<boolean>> {
  if (folder === '') return sql<boolean>`1 = 1`
  return sql<boolean>`path >= ${`${folder}/`} and path < ${`${folder}0`}`
}
