import { FivefoldError } from '../../core/index.ts'

/** Which part of a list is asked for. */
export interface PageRequest {
  readonly limit?: number
  /** What `nextPageToken` of the page before was. */
  readonly pageToken?: string
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Absent on the last page. */
  readonly nextPageToken?: string
}

export interface SearchQuery extends PageRequest {
  /** As MLflow's, and also OR, NOT, parentheses, IN, BETWEEN, IS NULL. */
  readonly filter?: string
  /** Such as `metrics.loss ASC`. */
  readonly orderBy?: readonly string[]
}

/** Where a page starts. Throws OPTION_INVALID for a token that this store did not give. */
export function pageOffset(token: string | undefined): number {
  if (!token) return 0
  const text = Buffer.from(token, 'base64').toString('utf8')
  const offset = /^\{"offset": ?(\d{1,9})\}$/.exec(text)?.[1]
  if (offset === undefined) throw new FivefoldError('OPTION_INVALID', 'the page token is none that this server gave')
  return Number(offset)
}

/** Cuts a list that was read with one row more than asked for. */
export function toPage<T>(rows: readonly T[], offset: number, limit: number): Page<T> {
  if (rows.length <= limit) return { items: rows }
  const nextPageToken = Buffer.from(JSON.stringify({ offset: offset + limit })).toString('base64')
  return { items: rows.slice(0, limit), nextPageToken }
}

/** Throws OPTION_INVALID outside 1 to `most`. */
export function pageLimit(limit: number | undefined, usual: number, most: number): number {
  const asked = limit ?? usual
  if (Number.isInteger(asked) && asked >= 1 && asked <= most) return asked
  throw new FivefoldError('OPTION_INVALID', `max_results is ${asked}; it must be a whole number from 1 to ${most}`)
}
