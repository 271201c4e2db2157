import { FivefoldError } from '../../../../core/index.ts'

export type MediaType = 'text/csv' | 'application/json' | 'application/jsonlines'

const NAMES: Readonly<Record<string, MediaType>> = {
  'text/csv': 'text/csv',
  'application/json': 'application/json',
  'application/jsonlines': 'application/jsonlines',
  'application/x-jsonlines': 'application/jsonlines',
  'application/x-ndjson': 'application/jsonlines',
}

const named = (text: string): MediaType | undefined => {
  const name = text.split(';', 1)[0]!.trim().toLowerCase()
  return Object.hasOwn(NAMES, name) ? NAMES[name] : undefined
}

const statusError = (statusCode: number, message: string): Error => Object.assign(new Error(message), { statusCode })

/** What the body is; JSON where its sender does not say. Fails with status 415. */
export function contentType(header: string | undefined): MediaType {
  if (header === undefined || header === '') return 'application/json'
  const type = named(header)
  if (type) return type
  throw statusError(
    415,
    `content type '${header.slice(0, 100)}' is not read here; send text/csv, application/json or application/jsonlines`,
  )
}

/** What the answer shall be: the first of the best that is accepted, as the body where all is. Fails with status 406. */
export function acceptedType(header: string | undefined, sent: MediaType): MediaType {
  if (header === undefined || header.trim() === '') return sent
  if (header.length > MOST_CHARACTERS) throw new FivefoldError('REQUEST_INVALID', 'the header Accept is too long')
  const offers = header
    .split(',')
    .map((offer) => ({ offer, quality: qualityOf(offer) }))
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
  for (const { offer } of offers) {
    if (/^\s*(\*\/\*|application\/\*)/.test(offer)) return sent
    const type = named(offer)
    if (type) return type
  }
  throw statusError(
    406,
    `none of '${header.slice(0, 100)}' is written here; accept text/csv, application/json or application/jsonlines`,
  )
}

const MOST_CHARACTERS = 1000

function qualityOf(offer: string): number {
  const found = /;\s*q=([\d.]+)/i.exec(offer)
  return found ? Number(found[1]) : 1
}
