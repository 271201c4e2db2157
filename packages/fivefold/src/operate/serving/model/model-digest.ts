import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/**
 * What an ONNX file is, so that it can be told from another one of the same name: its bytes, and size and time of the files beside it,
 * which may hold its weights.
 */
export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  const beside = (await readdir(dirname(path))).filter((name) => name !== basename(path)).sort()
  const stats = await Promise.all(beside.map((name) => stat(join(dirname(path), name)).catch(() => undefined)))
  const summary = stats.map((found, at) => (found?.isFile() ? [beside[at], found.size, found.mtimeMs] : []))
  return createHash('sha256').update(hash.digest()).update(JSON.stringify(summary)).digest('hex')
}
