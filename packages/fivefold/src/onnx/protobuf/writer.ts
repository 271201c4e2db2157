import { FivefoldError } from '../../core/index.ts'

/** A protobuf message ends below 2 GiB. */
export const LARGEST_MESSAGE_BYTES = 2 ** 31 - 1

/**
 * Writes the protobuf wire format. A message is a list of byte chunks that are joined once at the very end, so tensor
 * data is copied a single time however deep it is nested.
 */
export class ProtobufWriter {
  readonly #chunks: Uint8Array[] = []
  #sizeBytes = 0

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  varintField(field: number, value: number | bigint): this {
    this.#append(tag(field, 0))
    this.#append(encodeVarint(value))
    return this
  }

  floatField(field: number, value: number): this {
    this.#append(tag(field, 5))
    this.#append(new Uint8Array(Float32Array.of(value).buffer))
    return this
  }

  bytesField(field: number, bytes: Uint8Array): this {
    this.#append(tag(field, 2))
    this.#append(encodeVarint(bytes.length))
    this.#append(bytes)
    return this
  }

  textField(field: number, text: string): this {
    return this.bytesField(field, textEncoder.encode(text))
  }

  packedVarintsField(field: number, values: Iterable<number | bigint>): this {
    const inner = new ProtobufWriter()
    for (const value of values) inner.#append(encodeVarint(value))
    return this.messageField(field, inner)
  }

  messageField(field: number, message: ProtobufWriter): this {
    this.#append(tag(field, 2))
    this.#append(encodeVarint(message.#sizeBytes))
    for (const chunk of message.#chunks) this.#append(chunk)
    return this
  }

  /** The joined message. Throws GRAPH_UNSUPPORTED above 2 GiB, where no reader takes it. */
  finish(): Uint8Array {
    if (this.#sizeBytes > LARGEST_MESSAGE_BYTES)
      throw new FivefoldError(
        'GRAPH_UNSUPPORTED',
        `a model of ${this.#sizeBytes} bytes does not fit one file of 2 GiB`,
        {
          remedy: 'Write it with writeModelFile, which puts weights into a file beside it.',
        },
      )
    const bytes = new Uint8Array(this.#sizeBytes)
    let at = 0
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at)
      at += chunk.length
    }
    return bytes
  }

  #append(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.#sizeBytes += chunk.length
  }
}

const textEncoder = new TextEncoder()

const tag = (field: number, wireType: number): Uint8Array => encodeVarint((field << 3) | wireType)

/** Negative numbers take ten bytes, as protobuf's int64 wants them. */
function encodeVarint(value: number | bigint): Uint8Array {
  if (typeof value === 'number' && value >= 0 && value < 0x80) return Uint8Array.of(value)
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}
