import { z } from 'zod'

/** The JSON form of protobuf's numbers: 64-bit integers as numbers or strings, NaN and infinities as strings. */
export const int64 = z
  .union([z.number(), z.string().regex(/^-?\d{1,19}$/, 'expected a whole number')])
  .transform(Number)
  .pipe(z.number().refine(Number.isInteger, 'expected a whole number'))

const NON_FINITE: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
}

export const double = z.union([
  z.number(),
  z.string().transform((text, context) => {
    const value = Object.hasOwn(NON_FINITE, text) ? NON_FINITE[text] : text.trim() === '' ? undefined : Number(text)
    if (value !== undefined && (!Number.isNaN(value) || text === 'NaN')) return value
    context.addIssue({ code: 'custom', message: `expected a number, found '${text.slice(0, 50)}'` })
    return z.NEVER
  }),
])

/** How a number goes back. */
export const wireDouble = (value: number): number | string => (Number.isFinite(value) ? value : String(value))

/** A parameter that may be repeated in a query comes alone where it is there once. */
export const list = <T extends z.ZodType>(item: T): z.ZodType<z.output<T>[]> =>
  z.preprocess((value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]), z.array(item))

export const KEY_LENGTH = 250
export const PARAM_LENGTH = 6000
export const RUN_TAG_LENGTH = 8000
export const EXPERIMENT_TAG_LENGTH = 20_000
export const REGISTRY_TAG_LENGTH = 100_000
export const EXPERIMENT_NAME_LENGTH = 500

/** Names end up in addresses and file names of clients: MLflow's own rule. */
const KEY_PATTERN = /^(?![/.])[\w.\-/ :]+$/

export const entityKey = z
  .string()
  .min(1, 'a name must not be empty')
  .max(KEY_LENGTH)
  .refine(
    (key) => KEY_PATTERN.test(key) && !key.split('/').some((part) => part === '.' || part === '..' || part === ''),
    'names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colons(:) and slashes (/)',
  )

export const tagOf = (valueLength: number): z.ZodType<{ key: string; value: string }> =>
  z.object({ key: entityKey, value: z.string().max(valueLength).default('') })

/** Key and value pairs as a record; the last one of a key wins. */
export const toRecord = (pairs: readonly { key: string; value: string }[]): Record<string, string> =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, value]))

export const fromRecord = (record: Readonly<Record<string, string>>): { key: string; value: string }[] =>
  Object.entries(record).map(([key, value]) => ({ key, value }))

/** Leaves out what is undefined or null: absent fields are not sent. */
export function present<T extends object>(value: T): object {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined && field !== null))
}

export const pageFields = { max_results: int64.optional(), page_token: z.string().optional() }

export const searchFields = {
  ...pageFields,
  filter: z.string().optional(),
  order_by: list(z.string()),
}

interface WireSearch {
  readonly max_results?: number | undefined
  readonly page_token?: string | undefined
  readonly filter?: string | undefined
  readonly order_by: readonly string[]
}

/** A search as the store takes it. */
export const toSearchQuery = ({
  max_results,
  page_token,
  filter,
  order_by,
}: WireSearch): { limit?: number; pageToken?: string; filter?: string; orderBy: readonly string[] } => ({
  ...toPageRequest({ max_results, page_token }),
  ...(filter !== undefined && { filter }),
  orderBy: order_by,
})

export const toPageRequest = ({
  max_results,
  page_token,
}: Pick<WireSearch, 'max_results' | 'page_token'>): { limit?: number; pageToken?: string } => ({
  ...(max_results !== undefined && { limit: max_results }),
  ...(page_token !== undefined && { pageToken: page_token }),
})

/** An absent token ends the pages. */
export const nextPage = ({ nextPageToken }: { nextPageToken?: string }): object =>
  nextPageToken === undefined ? {} : { next_page_token: nextPageToken }
