import { acceptedTypeIn, contentTypeIn, type MediaNames } from '../../wire/media-types.ts'

export type MediaType = 'text/csv' | 'application/json' | 'application/jsonlines'

const NAMES: MediaNames<MediaType> = {
  'text/csv': 'text/csv',
  'application/json': 'application/json',
  'application/jsonlines': 'application/jsonlines',
  'application/x-jsonlines': 'application/jsonlines',
  'application/x-ndjson': 'application/jsonlines',
}

/** What the body is; JSON where its sender does not say. Fails with status 415. */
export const contentType = (header: string | undefined): MediaType => contentTypeIn(header, NAMES, 'application/json')

/** What the answer shall be: the first of the best that is accepted, as the body where all is. Fails with status 406. */
export const acceptedType = (header: string | undefined, sent: MediaType): MediaType =>
  acceptedTypeIn(header, NAMES, sent)
