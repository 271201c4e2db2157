/** One query's rows: [begin, end). */
export interface Query {
  readonly begin: number
  readonly end: number
}

/** Runs of this length are sorted by insertion, the quickest way for the few rows that most queries have. */
const RUN = 16

/**
 * Sorts rows of queries from the highest score down, equal scores in the order of the rows. What a call returns is valid
 * until the next one: the array is used again, and may be longer than the query.
 */
export function createQueryOrder(): (query: Query, scores: ArrayLike<number>) => Uint32Array {
  let order = new Uint32Array(64)
  let spare = new Uint32Array(64)
  return ({ begin, end }, scores) => {
    const size = end - begin
    if (size > order.length) {
      order = new Uint32Array(2 * size)
      spare = new Uint32Array(2 * size)
    }
    for (let i = 0; i < size; i++) order[i] = begin + i
    for (let first = 0; first < size; first += RUN) sortRun(order, first, Math.min(size, first + RUN), scores)
    for (let width = RUN; width < size; width *= 2) {
      for (let first = 0; first < size; first += 2 * width)
        mergeRuns(order, spare, first, Math.min(size, first + width), Math.min(size, first + 2 * width), scores)
      ;[order, spare] = [spare, order]
    }
    return order
  }
}

function sortRun(order: Uint32Array, first: number, end: number, scores: ArrayLike<number>): void {
  for (let i = first + 1; i < end; i++) {
    const row = order[i]!
    const score = scores[row]!
    let at = i
    for (; at > first && scores[order[at - 1]!]! < score; at--) order[at] = order[at - 1]!
    order[at] = row
  }
}

function mergeRuns(
  from: Uint32Array,
  to: Uint32Array,
  first: number,
  middle: number,
  end: number,
  scores: ArrayLike<number>,
): void {
  let left = first
  let right = middle
  for (let at = first; at < end; at++) {
    const takesLeft = left < middle && (right === end || !(scores[from[left]!]! < scores[from[right]!]!))
    to[at] = takesLeft ? from[left++]! : from[right++]!
  }
}
