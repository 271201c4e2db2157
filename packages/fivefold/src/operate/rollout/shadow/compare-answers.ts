import type { TensorLiteral } from '../../../onnx/index.ts'

/** An answer: tensors by the name of the output. */
type Answer = Readonly<Record<string, TensorLiteral>>

export interface AnswerDifference {
  /** Rows in which every output is alike. */
  readonly agreeing: number
  readonly rows: number
  /** Largest absolute difference of a number; 0 where there are none. */
  readonly largest: number
}

/** Differences below this, relative to the value, come from the order of additions. */
const TOLERANCE = 1e-5

/** Compares two answers to the same request, row by row along the first axis. Outputs that one of them lacks do not agree. */
export function compareAnswers(given: Answer, shadow: Answer): AnswerDifference {
  const names = Object.keys(given)
  const rows = Math.max(1, ...names.map((name) => given[name]!.shape[0] ?? 1))
  const differs = new Uint8Array(rows)
  let largest = 0
  for (const name of names) {
    const other = Object.hasOwn(shadow, name) ? shadow[name] : undefined
    if (other && other.data.length === given[name]!.data.length)
      largest = Math.max(largest, markDifferences(given[name]!, other, differs))
    else differs.fill(1)
  }
  return { rows, largest, agreeing: differs.reduce((sum, differing) => sum + 1 - differing, 0) }
}

/** Marks the rows in which two tensors differ; the largest difference. */
function markDifferences(a: TensorLiteral, b: TensorLiteral, differs: Uint8Array): number {
  const width = Math.max(1, a.data.length / differs.length)
  let largest = 0
  for (let i = 0; i < a.data.length; i++) {
    const [x, y] = [a.data[i]!, b.data[i]!]
    if (Object.is(x, y)) continue
    const gap =
      typeof x === 'string' || typeof y === 'string' ? Number.POSITIVE_INFINITY : Math.abs(Number(x) - Number(y))
    if (Number.isFinite(gap)) largest = Math.max(largest, gap)
    if (!(gap <= TOLERANCE * Math.max(1, Math.abs(Number(x))))) differs[Math.floor(i / width)] = 1
  }
  return largest
}
