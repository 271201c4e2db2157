/** A value that most rows of a feature have, such as the 0 of a word count; NaN where most are missing. */
export interface FrequentValue {
  readonly value: number
  /** Rows with another value; 0 where the feature is constant. */
  readonly otherRows: number
}

/** Rows that a frequent value is looked for in; only where they show one are all rows read. */
const SAMPLE_ROWS = 512
/** Share of the rows from which on listing the other rows costs less than reading all. */
const LEAST_SHARE = 0.6

/** Undefined where no value is frequent. */
export function frequentValue(values: Float32Array): FrequentValue | undefined {
  const value = likelyValue(values)
  if (value === undefined) return undefined
  const otherRows = values.length - countOf(values, value)
  return otherRows <= values.length * (1 - LEAST_SHARE) ? { value, otherRows } : undefined
}

/** The median of a sample, should as many of it have that value. */
function likelyValue(values: Float32Array): number | undefined {
  const size = Math.min(SAMPLE_ROWS, values.length)
  // A value that more than half of the rows have is the median of those sorted. NaN sorts to the end.
  const sample = Float32Array.from({ length: size }, (_, i) => values[Math.floor((i * values.length) / size)]!).sort()
  const value = sample[size >> 1]
  if (value === undefined) return undefined
  return countOf(sample, value) >= size * LEAST_SHARE ? value : undefined
}

function countOf(values: Float32Array, value: number): number {
  let count = 0
  if (Number.isNaN(value)) for (let i = 0; i < values.length; i++) count += Number(Number.isNaN(values[i]))
  else for (let i = 0; i < values.length; i++) count += Number(values[i] === value)
  return count
}
