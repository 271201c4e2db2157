/** A copy without NaN. */
export function withoutMissing(values: Float64Array): Float64Array<ArrayBuffer> {
  return values.filter((value) => !Number.isNaN(value))
}
