import type { Tensors } from '../../model/servable.ts'
import { sliceTensors, stackTensors } from '../../model/tensor-batches.ts'

/** Answers some rows of a request, unless the signal says that nobody waits for them. */
type AnswerPiece = (piece: Tensors, rows: number, signal: AbortSignal) => Promise<Tensors>

export interface PieceOptions {
  readonly rows: number
  readonly pieceRows: number
  readonly signal: AbortSignal | undefined
}

/** One run may hold fewer rows than a request does. Where a piece fails the others are given up. */
export async function runInPieces(feeds: Tensors, options: PieceOptions, answer: AnswerPiece): Promise<Tensors> {
  const { rows, pieceRows, signal: given } = options
  const failed = new AbortController()
  const signal = given ? AbortSignal.any([given, failed.signal]) : failed.signal
  const starts = Array.from({ length: Math.ceil(rows / pieceRows) }, (_, i) => i * pieceRows)
  const pieces = starts.map((start) => {
    const end = Math.min(start + pieceRows, rows)
    return answer(sliceTensors(feeds, start, end), end - start, signal)
  })
  try {
    return stackTensors(await Promise.all(pieces))
  } catch (error) {
    failed.abort()
    throw error
  }
}
