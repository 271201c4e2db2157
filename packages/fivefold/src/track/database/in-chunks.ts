/** Rows of one statement. More cost time: a longer statement is bound no faster, and prepared more slowly. */
const CHUNK_ROWS = 50

/** Hands rows on in pieces that fit a statement. */
export async function inChunks<T>(rows: readonly T[], write: (chunk: readonly T[]) => Promise<void>): Promise<void> {
  for (let from = 0; from < rows.length; from += CHUNK_ROWS) await write(rows.slice(from, from + CHUNK_ROWS))
}
