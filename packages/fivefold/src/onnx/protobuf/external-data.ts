import { FivefoldError } from '../../core/index.ts'

/** Where a tensor's bytes lie outside the model file (TensorProto.external_data). */
export interface ExternalPlace {
  /** Path below the folder of the model, with slashes. */
  readonly location: string
  readonly offset: number
  /** To the end of the file where it is absent. */
  readonly length: number | undefined
}

/** Gives the bytes at a place. Throws GRAPH_INVALID where there are not so many. */
export type ExternalReader = (place: ExternalPlace) => Uint8Array

/**
 * Reads the place from the entries of external_data. Throws GRAPH_INVALID where it points outside the model's folder or is not
 * a place: a model comes from anywhere and must not make its reader open other files.
 */
export function parseExternalPlace(entries: ReadonlyMap<string, string>, tensor: string): ExternalPlace {
  const location = entries.get('location') ?? ''
  if (!isBelowFolder(location))
    throw new FivefoldError(
      'GRAPH_INVALID',
      `tensor '${tensor}' keeps its data outside the model's folder: '${location}'`,
    )
  return {
    location,
    offset: countOf(entries.get('offset') ?? '0', 'offset', tensor),
    length: entries.has('length') ? countOf(entries.get('length')!, 'length', tensor) : undefined,
  }
}

/** Backslashes and colons are refused everywhere, since a path that is relative here may be absolute on another system. */
function isBelowFolder(location: string): boolean {
  if (location === '' || location.startsWith('/') || /[\\:\0]/.test(location)) return false
  return location.split('/').every((part) => part !== '..')
}

function countOf(text: string, what: string, tensor: string): number {
  const count = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(count)) return count
  throw new FivefoldError(
    'GRAPH_INVALID',
    `tensor '${tensor}': the ${what} '${text}' of its data is not a number of bytes`,
  )
}

/** The part of a whole file. Throws GRAPH_INVALID where the file ends before. */
export function sliceOf(file: Uint8Array, { location, offset, length }: ExternalPlace): Uint8Array {
  const end = length === undefined ? file.length : offset + length
  if (offset > file.length || end > file.length) throw tooShort(location, end, file.length)
  return file.subarray(offset, end)
}

export const tooShort = (location: string, end: number, size: number): FivefoldError =>
  new FivefoldError('GRAPH_INVALID', `'${location}' has ${size} bytes; the model wants data up to byte ${end}`)
