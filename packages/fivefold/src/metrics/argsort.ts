const RADIX_BITS = 16
const RADIX = 1 << RADIX_BITS
const SMALL = 20_000

/**
 * Row numbers in the order of descending score, rows of equal score by row number.
 * O(n): least-significant-digit radix sort over the bits of the doubles; small inputs take the comparison sort.
 */
export function argsortDescending(scores: Float64Array): Uint32Array<ArrayBuffer> {
  const order = new Uint32Array(scores.length)
  for (let i = 0; i < order.length; i++) order[i] = i
  if (scores.length < SMALL) return order.sort((a, b) => scores[b]! - scores[a]! || a - b)
  return radixSort(order, descendingDigits(scores))
}

/** The four 16-bit digits of each score, lowest first, mapped so that their unsigned order is descending score. */
function descendingDigits(scores: Float64Array): Uint16Array[] {
  const digits = Array.from({ length: 4 }, () => new Uint16Array(scores.length))
  const word = new Float64Array(1)
  const parts = new Uint16Array(word.buffer)
  for (let i = 0; i < scores.length; i++) {
    // Adding zero turns -0 into 0: they are equal as scores.
    word[0] = scores[i]! + 0
    // IEEE order is that of the magnitude: for descending order flip the positives, and only clear the sign of the others.
    const negative = parts[3]! & 0x8000
    const flip = negative ? 0 : 0xffff
    digits[0]![i] = parts[0]! ^ flip
    digits[1]![i] = parts[1]! ^ flip
    digits[2]![i] = parts[2]! ^ flip
    digits[3]![i] = negative ? parts[3]! : parts[3]! ^ 0x7fff
  }
  return digits
}

function radixSort(initial: Uint32Array<ArrayBuffer>, digits: readonly Uint16Array[]): Uint32Array<ArrayBuffer> {
  let order = initial
  let spare = new Uint32Array(initial.length)
  for (const digit of digits) {
    const starts = digitStarts(digit)
    if (starts === undefined) continue
    for (let i = 0; i < order.length; i++) {
      const row = order[i]!
      const key = digit[row]!
      spare[starts[key]!] = row
      starts[key]!++
    }
    const swap = order
    order = spare
    spare = swap
  }
  return order
}

/** Where each digit's rows begin; undefined where all rows share the digit and the pass would change nothing. */
function digitStarts(digit: Uint16Array): Uint32Array | undefined {
  const counts = new Uint32Array(RADIX)
  for (let i = 0; i < digit.length; i++) counts[digit[i]!]!++
  if (counts[digit[0]!] === digit.length) return undefined
  let start = 0
  for (let key = 0; key < RADIX; key++) {
    const count = counts[key]!
    counts[key] = start
    start += count
  }
  return counts
}
