import { FivefoldError } from '../../core/index.ts'
import type { Database } from '../database/database.ts'
import type { Reader, Writer } from '../database/tables.ts'
import { formatS3Url, isS3Url, parseS3Url } from './s3/s3-location.ts'

const SETTING = 'artifacts'

/**
 * Where the artifacts of a store lie: where the caller says, else where the store was told before; undefined for the folder
 * that belongs to it. A place in S3 is remembered, so that all that opens the store finds them. Another place than before is
 * refused, lest what is there is lost from sight, unless the store holds nothing yet or it is said that all was copied (`moved`).
 * Throws OPTION_INVALID, STORE_CONFLICT.
 */
export async function settlePlace(
  database: Database,
  told: string | undefined,
  moved: boolean,
): Promise<string | undefined> {
  const known = await rememberedPlace(database.read)
  if (told === undefined) return known
  const wanted = isS3Url(told) ? formatS3Url(parseS3Url(told)) : undefined
  if (wanted !== known)
    await database.write(async (writer) => {
      if (!moved && (await holdsContent(writer))) throw refused(known, wanted ?? told)
      await remember(writer, wanted)
    })
  return wanted ?? told
}

async function rememberedPlace(reader: Reader): Promise<string | undefined> {
  const row = await reader.selectFrom('settings').select('value').where('name', '=', SETTING).executeTakeFirst()
  return row?.value
}

async function remember(writer: Writer, value: string | undefined): Promise<void> {
  await writer.deleteFrom('settings').where('name', '=', SETTING).execute()
  if (value !== undefined) await writer.insertInto('settings').values({ name: SETTING, value }).execute()
}

async function holdsContent(writer: Writer): Promise<boolean> {
  const file = await writer.selectFrom('artifact_files').select('path').limit(1).executeTakeFirst()
  if (file) return true
  const folder = await writer
    .selectFrom('model_versions')
    .select('model')
    .where('content_hash', '!=', '')
    .limit(1)
    .executeTakeFirst()
  return folder !== undefined
}

const refused = (known: string | undefined, wanted: string): FivefoldError =>
  new FivefoldError('STORE_CONFLICT', `the artifacts of this store lie ${known ?? 'in its folder'}, not at ${wanted}`, {
    remedy: 'Leave --artifacts out; or copy the folders artifacts and models there, and pass --artifacts-moved once.',
  })
