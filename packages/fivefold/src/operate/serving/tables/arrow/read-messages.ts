import { damaged, type FlatTable, rootTable } from './flat-buffer.ts'

/** What a message brings, as its number in the format. */
export const HEADERS = { schema: 1, dictionary: 2, rows: 3 } as const

export interface ArrowMessage {
  readonly header: number
  readonly content: FlatTable
  readonly body: Uint8Array
}

/** Begins and ends a file; without it the bytes are a stream. */
export const FILE_MAGIC = Buffer.from('ARROW1')
/** The magic, padded to eight bytes. */
export const FILE_HEAD = 8
const CONTINUES = 0xffff_ffff
/** Metadata of ten thousand columns with comments; more is an attack. */
export const MAX_METADATA_BYTES = 4 << 20

/** The messages of Arrow IPC, in the stream format or in the file format, which is a stream between two marks. */
export function* readMessages(bytes: Uint8Array): Generator<ArrowMessage> {
  const isFile = beginsAsFile(bytes)
  if (isFile && !Buffer.from(bytes.subarray(-FILE_MAGIC.length)).equals(FILE_MAGIC))
    throw damaged('the file has no end')
  let at = isFile ? FILE_HEAD : 0
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  while (at < bytes.length) {
    if (at + 4 > bytes.length) throw damaged('it ends within a message')
    const isContinued = view.getUint32(at, true) === CONTINUES
    if (isContinued) at += 4
    const metadataBytes = at + 4 <= bytes.length ? view.getUint32(at, true) : CONTINUES
    if (metadataBytes === 0) return
    if (metadataBytes > MAX_METADATA_BYTES || at + 4 + metadataBytes > bytes.length)
      throw damaged('it ends within a message')
    at += 4
    const message = messageOf(bytes, at, metadataBytes)
    yield message
    at += metadataBytes + message.body.length
  }
}

/** Whether bytes are those of a file, and not of a stream. */
export const beginsAsFile = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, FILE_MAGIC.length)).equals(FILE_MAGIC)

/** Metadata of version 4 or 5, which Arrow has written since 2017. */
const OLDEST_VERSION = 3

function messageOf(bytes: Uint8Array, at: number, metadataBytes: number): ArrowMessage {
  const metadata = rootTable(bytes.subarray(at, at + metadataBytes))
  if (metadata.int16(0) < OLDEST_VERSION) throw damaged('its version is not read here')
  const content = metadata.table(2)
  const bodyStart = at + metadataBytes
  const bodyBytes = metadata.size(3)
  if (!content) throw damaged('a message is empty')
  if (bodyStart + bodyBytes > bytes.length) throw damaged('it ends within a message')
  return { header: metadata.uint8(1), content, body: bytes.subarray(bodyStart, bodyStart + bodyBytes) }
}
