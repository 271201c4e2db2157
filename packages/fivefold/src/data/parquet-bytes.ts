import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context } from '../core/index.ts'
import type { Frame } from './frame.ts'
import type { Schema } from './schema.ts'
import { writeFrames } from './write-frames.ts'

/** A frame as the bytes of a Parquet file. */
export async function parquetBytes(frame: Frame, schema: Schema, context: Context): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'fivefold-parquet-'))
  try {
    const path = join(folder, 'frame.parquet')
    await writeFrames(frame, schema, path, 'parquet', context)
    return await readFile(path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
