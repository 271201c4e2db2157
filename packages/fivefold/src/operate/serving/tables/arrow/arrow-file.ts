import { type FileHandle, open } from 'node:fs/promises'
import { FivefoldError } from '../../../../core/index.ts'
import type { TableBounds } from '../cell-table.ts'
import { damaged, rootTable } from './flat-buffer.ts'
import { type ArrowBatch, createTableReader, withoutRangeErrors } from './read-arrow.ts'
import { beginsAsFile, FILE_HEAD, FILE_MAGIC, HEADERS, MAX_METADATA_BYTES, readMessages } from './read-messages.ts'

/** Arrow on disk, larger than memory. */
export interface ArrowFile extends AsyncDisposable {
  readonly rowCount: number
  /** A record batch at a time. */
  batches(): AsyncGenerator<ArrowBatch>
}

/** Record batches that are larger are held against memory, and refused. */
const MAX_BATCH_BYTES = 256 << 20
/** Where 0xffffffff stands, the length of the metadata follows it. */
const CONTINUES = 0xffff_ffff

/** @throws REQUEST_INVALID, REQUEST_TOO_LARGE for columns or for bytes of a batch */
export async function openArrowFile(
  path: string,
  wanted: ReadonlySet<string>,
  bounds: Pick<TableBounds, 'columns'>,
): Promise<ArrowFile> {
  const handle = await open(path, 'r')
  const close = (): Promise<void> => handle.close()
  try {
    const places = await placesOf(handle)
    const rowCount = places.reduce((sum, { rows }) => sum + rows, 0)
    return { rowCount, batches: () => batchesOf(handle, places, wanted, bounds), [Symbol.asyncDispose]: close }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

/** Where a message lies. */
interface Place {
  readonly at: number
  readonly bytes: number
  /** Of a record batch; 0 of other messages. */
  readonly rows: number
}

async function placesOf(handle: FileHandle): Promise<Place[]> {
  const { size } = await handle.stat()
  const places: Place[] = []
  const isFile = beginsAsFile(await bytesAt(handle, 0, Math.min(FILE_HEAD, size)))
  if (isFile && !beginsAsFile(await bytesAt(handle, size - FILE_MAGIC.length, FILE_MAGIC.length)))
    throw damaged('the file has no end')
  let at = isFile ? FILE_HEAD : 0
  while (at < size) {
    const place = await placeAt(handle, at, size)
    if (!place) break
    places.push(place)
    at += place.bytes
  }
  return places
}

/** Undefined where the data ends. */
async function placeAt(handle: FileHandle, at: number, size: number): Promise<Place | undefined> {
  const head = await bytesAt(handle, at, Math.min(8, size - at))
  const isContinued = head.length >= 4 && head.readUInt32LE() === CONTINUES
  if (head.length < (isContinued ? 8 : 4)) throw damaged('it ends within a message')
  const metadataBytes = head.readUInt32LE(isContinued ? 4 : 0)
  const metadataAt = at + (isContinued ? 8 : 4)
  if (metadataBytes === 0) return undefined
  if (metadataBytes > MAX_METADATA_BYTES) throw damaged('it ends within a message')
  const metadata = await bytesAt(handle, metadataAt, metadataBytes)
  return withoutRangeErrors(() => {
    const message = rootTable(metadata)
    const bytes = metadataAt - at + metadataBytes + message.size(3)
    if (bytes > MAX_BATCH_BYTES)
      throw new FivefoldError('REQUEST_TOO_LARGE', `a record batch of ${bytes} bytes; at most ${MAX_BATCH_BYTES}`)
    return { at, bytes, rows: message.uint8(1) === HEADERS.rows ? (message.table(2)?.size(0) ?? 0) : 0 }
  })
}

async function bytesAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, at)
  if (bytesRead < length) throw damaged('it ends within a message')
  return buffer
}

async function* batchesOf(
  handle: FileHandle,
  places: readonly Place[],
  wanted: ReadonlySet<string>,
  { columns }: Pick<TableBounds, 'columns'>,
): AsyncGenerator<ArrowBatch> {
  const reader = createTableReader(wanted, { rows: Number.POSITIVE_INFINITY, columns })
  for (const { at, bytes } of places) {
    const content = await bytesAt(handle, at, bytes)
    const batch = withoutRangeErrors(() => {
      const [message] = readMessages(content)
      return message && reader.take(message)
    })
    if (batch) yield batch
  }
}
