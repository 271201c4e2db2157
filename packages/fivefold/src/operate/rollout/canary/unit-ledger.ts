import { FivefoldError } from '../../../core/index.ts'
import { hashBits } from '../policy/uniform-of.ts'

/** Remembers which units have been counted, in a fixed amount of memory. */
export interface UnitLedger {
  /**
   * Whether the unit is to be counted: it was not before, and there is room. One in a hundred new units is taken for an old one;
   * that depends on its key alone, never on what it was given, so comparisons stay fair.
   */
  add(key: string): boolean
  /** Plain data. */
  toState(): LedgerState
}

export interface LedgerState {
  readonly capacity: number
  readonly units: number
  /** Base64. */
  readonly bits: string
}

const BITS_A_UNIT = 10
const PROBES = 7

/** A Bloom filter (Bloom, 1970) of 10 bits a unit. Once full it counts nobody any more, which no guarantee minds. */
export function createUnitLedger(from: { readonly capacity: number } | LedgerState): UnitLedger {
  const { capacity } = from
  const size = Math.ceil((capacity * BITS_A_UNIT) / 8)
  const bits = 'bits' in from ? Buffer.from(from.bits, 'base64') : Buffer.alloc(size)
  if (bits.length !== size)
    throw new FivefoldError('STORE_UNAVAILABLE', `a ledger of ${capacity} units has ${bits.length} bytes, not ${size}`)
  let units = 'units' in from ? from.units : 0
  return {
    add: (key) => {
      if (units >= capacity || !setBits(bits, key)) return false
      units++
      return true
    },
    toState: () => ({ capacity, units, bits: bits.toString('base64') }),
  }
}

/** Sets the bits of a key; whether one of them was not set. */
function setBits(bits: Buffer, key: string): boolean {
  const hash = hashBits('unit', key)
  const step = Math.floor(hash / 2 ** 24) | 1
  let at = hash % 2 ** 24
  let isNew = false
  for (let probe = 0; probe < PROBES; probe++) {
    const bit = at % (bits.length * 8)
    const mask = 1 << (bit & 7)
    isNew ||= (bits[bit >> 3]! & mask) === 0
    bits[bit >> 3]! |= mask
    at += step
  }
  return isNew
}
