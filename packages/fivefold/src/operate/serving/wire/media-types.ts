import { FivefoldError } from '../../../core/index.ts'

/** The media types that a protocol speaks, each by all names that it goes by, in small letters. */
export type MediaNames<Type extends string> = Readonly<Record<string, Type>>

/** The type that a header names, its parameters left aside; undefined where it is none of these. */
export function mediaTypeOf<Type extends string>(header: string, names: MediaNames<Type>): Type | undefined {
  const name = header.split(';', 1)[0]!.trim().toLowerCase()
  return Object.hasOwn(names, name) ? names[name] : undefined
}

/** What a body is; `unnamed` where its sender does not say. Fails with status 415. */
export function contentTypeIn<Type extends string>(
  header: string | undefined,
  names: MediaNames<Type>,
  unnamed: Type,
): Type {
  if (header === undefined || header === '') return unnamed
  const type = mediaTypeOf(header, names)
  if (type) return type
  throw statusError(415, `content type '${header.slice(0, 100)}' is not read here; send ${listOf(names)}`)
}

/** What an answer shall be: the first of the best that is accepted, `any` where all is. Fails with status 406. */
export function acceptedTypeIn<Type extends string>(
  header: string | undefined,
  names: MediaNames<Type>,
  any: Type,
): Type {
  if (header === undefined || header === '*/*' || header.trim() === '') return any
  if (header.length > MOST_CHARACTERS) throw new FivefoldError('REQUEST_INVALID', 'the header Accept is too long')
  const offers = header
    .split(',')
    .map((offer) => ({ offer, quality: qualityOf(offer) }))
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
  for (const { offer } of offers) {
    if (/^\s*(\*\/\*|application\/\*)/.test(offer)) return any
    const type = mediaTypeOf(offer, names)
    if (type) return type
  }
  throw statusError(406, `none of '${header.slice(0, 100)}' is written here; accept ${listOf(names)}`)
}

const MOST_CHARACTERS = 1000

const statusError = (statusCode: number, message: string): Error => Object.assign(new Error(message), { statusCode })

function qualityOf(offer: string): number {
  const found = /;\s*q=([\d.]+)/i.exec(offer)
  return found ? Number(found[1]) : 1
}

function listOf(names: MediaNames<string>): string {
  const types = [...new Set(Object.values(names))]
  return `${types.slice(0, -1).join(', ')} or ${types.at(-1)}`
}
