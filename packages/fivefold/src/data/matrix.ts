/**
 * Numeric features ready for an engine, one array a feature. NaN is missing.
 * Values are float32 because that is what the model graph computes in: training sees what serving will see.
 * Arrays over a SharedArrayBuffer travel to worker threads without a copy; `allocateFeature` makes such.
 */
export interface FeatureMatrix {
  readonly rowCount: number
  readonly names: readonly string[]
  readonly values: readonly Float32Array[]
}

/** What is to be predicted. */
export type Target =
  /** `codes[i]` indexes `classes`; classes are sorted as text, or as numbers where all are numeric. For two classes the second is the positive one. */
  | { readonly kind: 'classes'; readonly classes: readonly string[]; readonly codes: Int32Array }
  | { readonly kind: 'number'; readonly values: Float64Array }

/** What a model says. Probabilities are row-major [rows x classes] and each row sums to 1. */
export type Predictions =
  | { readonly kind: 'classes'; readonly classes: readonly string[]; readonly probabilities: Float64Array }
  | { readonly kind: 'number'; readonly values: Float64Array }

export function allocateFeature(rowCount: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(rowCount * 4))
}

export function takeMatrixRows(matrix: FeatureMatrix, rows: Uint32Array): FeatureMatrix {
  const values = matrix.values.map((source) => {
    const into = allocateFeature(rows.length)
    for (let i = 0; i < rows.length; i++) into[i] = source[rows[i]!]!
    return into
  })
  return { rowCount: rows.length, names: matrix.names, values }
}

export function takeTargetRows(target: Target, rows: Uint32Array): Target {
  if (target.kind === 'number') {
    const values = new Float64Array(rows.length)
    for (let i = 0; i < rows.length; i++) values[i] = target.values[rows[i]!]!
    return { kind: 'number', values }
  }
  const codes = new Int32Array(rows.length)
  for (let i = 0; i < rows.length; i++) codes[i] = target.codes[rows[i]!]!
  return { kind: 'classes', classes: target.classes, codes }
}
