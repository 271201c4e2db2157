import { crc32, deflateRawSync } from 'node:zlib'
import { FivefoldError } from '../../../core/index.ts'

export interface ZipEntry {
  /** With forward slashes. */
  readonly path: string
  readonly content: Uint8Array
  readonly isExecutable?: boolean
}

/**
 * A ZIP archive of deflated files with Unix permissions, as PKWARE's APPNOTE 6.3 has it, without ZIP64. The same entries
 * give the same bytes: every file is dated 1980-01-01, the beginning of the format's time.
 *
 * @throws OPTION_INVALID beyond 65,535 files or 4 GiB
 */
export function zipArchive(entries: readonly ZipEntry[]): Uint8Array {
  requireFit(entries.length, 0)
  const parts: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let offset = 0
  for (const entry of entries) {
    const packed = pack(entry)
    directory.push(directoryHeader(packed, offset), packed.name)
    for (const part of [localHeader(packed), packed.name, packed.data]) {
      parts.push(part)
      offset += part.length
    }
  }
  const directorySize = directory.reduce((sum, { length }) => sum + length, 0)
  requireFit(entries.length, offset + directorySize)
  return Buffer.concat([...parts, ...directory, endOfDirectory(entries.length, directorySize, offset)])
}

function requireFit(count: number, sizeBytes: number): void {
  if (count > 0xffff || sizeBytes > 0xffffffff)
    throw new FivefoldError('OPTION_INVALID', `${count} files, ${sizeBytes} bytes are too much for a ZIP archive`)
}

interface PackedEntry {
  readonly name: Uint8Array
  readonly data: Uint8Array
  readonly crc: number
  readonly sizeBytes: number
  readonly mode: number
}

function pack({ path, content, isExecutable }: ZipEntry): PackedEntry {
  return {
    name: new TextEncoder().encode(path),
    data: deflateRawSync(content),
    crc: crc32(content),
    sizeBytes: content.length,
    mode: isExecutable ? 0o100755 : 0o100644,
  }
}

const VERSION = 20
/** Bit 11: names are UTF-8. */
const FLAGS = 1 << 11
const DEFLATE = 8
const UNIX = 3
/** 1980-01-01 in MS-DOS form: year since 1980, month, day. */
const DATE = (1 << 5) | 1

/** What the header of a file and its entry in the directory have in common. */
function writeCommon(view: DataView, at: number, { name, data, crc, sizeBytes }: PackedEntry): void {
  view.setUint16(at, VERSION, true)
  view.setUint16(at + 2, FLAGS, true)
  view.setUint16(at + 4, DEFLATE, true)
  view.setUint16(at + 8, DATE, true)
  view.setUint32(at + 10, crc, true)
  view.setUint32(at + 14, data.length, true)
  view.setUint32(at + 18, sizeBytes, true)
  view.setUint16(at + 22, name.length, true)
}

function localHeader(entry: PackedEntry): Uint8Array {
  const view = new DataView(new ArrayBuffer(30))
  view.setUint32(0, 0x04034b50, true)
  writeCommon(view, 4, entry)
  return new Uint8Array(view.buffer)
}

function directoryHeader(entry: PackedEntry, offset: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(46))
  view.setUint32(0, 0x02014b50, true)
  view.setUint16(4, (UNIX << 8) | VERSION, true)
  writeCommon(view, 6, entry)
  view.setUint32(38, entry.mode * 0x10000, true)
  view.setUint32(42, offset, true)
  return new Uint8Array(view.buffer)
}

function endOfDirectory(count: number, directorySize: number, directoryOffset: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(22))
  view.setUint32(0, 0x06054b50, true)
  view.setUint16(8, count, true)
  view.setUint16(10, count, true)
  view.setUint32(12, directorySize, true)
  view.setUint32(16, directoryOffset, true)
  return new Uint8Array(view.buffer)
}
