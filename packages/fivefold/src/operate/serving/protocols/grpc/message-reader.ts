import { FivefoldError } from '../../../../core/index.ts'

const VARINT = 0
const FIXED64 = 1
const DELIMITED = 2
const FIXED32 = 5

/**
 * Reads a protobuf message field by field, and makes nothing of what it is not asked for: a hostile message of millions of
 * tiny fields costs no memory. Every read throws REQUEST_INVALID where the bytes are no such value.
 */
export class MessageReader {
  readonly #bytes: Buffer
  #at = 0
  #wireType = VARINT
  /** Halves of the last varint, since most are far from 64 bits and a bigint costs an allocation. */
  #low = 0
  #high = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** The number of the next field, 0 at the end. */
  next(): number {
    if (this.#at >= this.#bytes.length) return 0
    this.#varint()
    this.#wireType = this.#low & 7
    const field = this.#low >>> 3
    if (this.#high !== 0 || field === 0) throw malformed()
    return field
  }

  skip(): void {
    if (this.#wireType === VARINT) this.#varint()
    else if (this.#wireType === DELIMITED) this.bytes()
    else if (this.#wireType === FIXED64) this.#take(8)
    else if (this.#wireType === FIXED32) this.#take(4)
    else throw malformed()
  }

  /** A view, no copy. */
  bytes(): Buffer {
    this.#expect(DELIMITED)
    this.#varint()
    if (this.#high !== 0) throw malformed()
    return this.#take(this.#low)
  }

  text(): string {
    return decodeUtf8(this.bytes())
  }

  boolean(): boolean {
    this.#expect(VARINT)
    this.#varint()
    return this.#low !== 0 || this.#high !== 0
  }

  /** Varints, packed or one alone, each handed over as its lower and upper 32 bits. */
  varints(take: (low: number, high: number) => void): void {
    if (this.#wireType === VARINT) {
      this.#varint()
      take(this.#low, this.#high)
      return
    }
    const packed = new MessageReader(this.bytes())
    while (packed.#at < packed.#bytes.length) {
      packed.#varint()
      take(packed.#low, packed.#high)
    }
  }

  /** The bytes of fixed-width elements, packed or one alone. */
  fixed(elementBytes: 4 | 8): Buffer {
    if (this.#wireType === DELIMITED) return this.bytes()
    this.#expect(elementBytes === 4 ? FIXED32 : FIXED64)
    return this.#take(elementBytes)
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) throw malformed()
  }

  #take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw malformed()
    const view = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return view
  }

  #varint(): void {
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) break
      const bits = byte & 0x7f
      if (shift <= 28) low |= bits << shift
      if (shift === 28) high |= bits >> 4
      else if (shift > 28) high |= bits << (shift - 32)
      if (byte < 0x80) {
        this.#low = low >>> 0
        this.#high = high >>> 0
        return
      }
    }
    throw malformed()
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @throws REQUEST_INVALID */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes)
  } catch (cause) {
    throw new FivefoldError('REQUEST_INVALID', 'a text of the message is not UTF-8', { cause })
  }
}

const malformed = (): FivefoldError => new FivefoldError('REQUEST_INVALID', 'the message is not well-formed protobuf')
