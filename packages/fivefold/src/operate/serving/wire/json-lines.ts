import { isUtf8 } from 'node:buffer'
import { FivefoldError } from '../../../core/index.ts'

/** Lines of JSON as one list, which is read at once; a line that is more or less than one value shows in the count. */
export interface JoinedLines {
  /** The text of a JSON list. */
  readonly list: Buffer
  readonly count: number
}

/** @throws REQUEST_INVALID for bytes that are no UTF-8 */
export function joinLines(body: Buffer): JoinedLines {
  if (!isUtf8(body)) throw new FivefoldError('REQUEST_INVALID', 'the body is not UTF-8')
  const lines = body
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
  return { list: Buffer.from(`[${lines.join(',')}]`), count: lines.length }
}
