import { FivefoldError } from '../../../../core/index.ts'

/** A run of equal entries. */
export interface FlatVector {
  /** Place of the first entry. */
  readonly at: number
  readonly length: number
}

/**
 * A table of a flatbuffer (the format of Arrow's metadata). Fields go by their number in the schema; each is absent where the
 * sender left it at its default. Whatever the bytes claim, nothing outside of them is read, and a vector is as long as its
 * entries lie there.
 */
export interface FlatTable {
  uint8(field: number): number
  int16(field: number, absent?: number): number
  int32(field: number, absent?: number): number
  /** @throws REQUEST_INVALID for what no array can be as long as */
  size(field: number): number
  /** A number that stands for something. */
  int64(field: number): bigint
  text(field: number): string
  table(field: number): FlatTable | undefined
  tables(field: number): FlatTable[]
  vector(field: number, entryBytes: number): FlatVector
  readonly view: DataView
}

/** Many names may lie at one place, and all of them are read. */
const MAX_NAME_BYTES = 1 << 16

export const damaged = (what: string): FivefoldError =>
  new FivefoldError('REQUEST_INVALID', `the Arrow data is damaged: ${what}`, {
    remedy: 'Send the Arrow IPC stream or file as it was written, whole.',
  })

/** The root table of a flatbuffer. */
export const rootTable = (bytes: Uint8Array): FlatTable => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return tableAt(view, view.getUint32(0, true))
}

function tableAt(view: DataView, at: number): FlatTable {
  const layout = at - view.getInt32(at, true)
  const layoutBytes = view.getUint16(layout, true)
  const placeOf = (field: number): number | undefined => {
    const slot = 4 + 2 * field
    const offset = slot + 2 <= layoutBytes ? view.getUint16(layout + slot, true) : 0
    return offset === 0 ? undefined : at + offset
  }
  const read = <T>(field: number, absent: T, get: (place: number) => T): T => {
    const place = placeOf(field)
    return place === undefined ? absent : get(place)
  }
  const target = (place: number): number => place + view.getUint32(place, true)
  const vector = (field: number, entryBytes: number): FlatVector =>
    read(field, { at: 0, length: 0 }, (place) => vectorAt(view, target(place), entryBytes))
  const int64 = (field: number): bigint => read(field, 0n, (place) => view.getBigInt64(place, true))
  return {
    view,
    uint8: (field) => read(field, 0, (place) => view.getUint8(place)),
    int16: (field, absent = 0) => read(field, absent, (place) => view.getInt16(place, true)),
    int32: (field, absent = 0) => read(field, absent, (place) => view.getInt32(place, true)),
    int64,
    size: (field) => asSize(int64(field)),
    text: (field) => {
      const { at: start, length } = vector(field, 1)
      if (length > MAX_NAME_BYTES) throw damaged(`a name of ${length} bytes`)
      return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + start, length))
    },
    table: (field) => read<FlatTable | undefined>(field, undefined, (place) => tableAt(view, target(place))),
    tables: (field) => {
      const { at: start, length } = vector(field, 4)
      return Array.from({ length }, (_, i) => tableAt(view, target(start + 4 * i)))
    },
    vector,
  }
}

function vectorAt(view: DataView, at: number, entryBytes: number): FlatVector {
  const length = view.getUint32(at, true)
  if (at + 4 + length * entryBytes > view.byteLength) throw damaged('a list is longer than its message')
  return { at: at + 4, length }
}

/** A length or place of Arrow, which are 64 bits wide. */
export function asSize(value: bigint): number {
  if (value < 0n || value > 0xffff_ffffn) throw damaged(`a length of ${value}`)
  return Number(value)
}
