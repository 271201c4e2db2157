import { FivefoldError } from '../../../core/index.ts'
import type { ModelStatus } from '../runtime/model-repository.ts'
import { objectOf, TEXT } from '../wire/describe-route.ts'
import type { JsonSchema } from '../wire/json-schema.ts'

/** How TorchServe and SageMaker ask for a page of models. */
export interface PageQuery {
  readonly limit?: string
  readonly next_page_token?: string
}

const DEFAULT_PAGE = 100

const count: JsonSchema = { type: 'string', pattern: '^[0-9]{0,9}$' }
export const PAGE_QUERY = objectOf({ 'limit?': count, 'next_page_token?': count })
export const MODELS_PAGE = objectOf({
  models: { type: 'array', items: objectOf({ modelName: TEXT, modelUrl: TEXT }) },
  'nextPageToken?': TEXT,
})

/** `{"models": [{"modelName", "modelUrl"}], "nextPageToken"?}`, a name once. */
export function pageOf(statuses: readonly ModelStatus[], { limit, next_page_token }: PageQuery): object {
  const names = [...new Set(statuses.map(({ name }) => name))]
  const start = wholeNumber(next_page_token, 0, 'next_page_token')
  const end = start + Math.max(1, wholeNumber(limit, DEFAULT_PAGE, 'limit'))
  const models = names.slice(start, end).map((name) => ({ modelName: name, modelUrl: name }))
  return end < names.length ? { models, nextPageToken: String(end) } : { models }
}

function wholeNumber(text: string | undefined, fallback: number, name: string): number {
  if (text === undefined || text === '') return fallback
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new FivefoldError('REQUEST_INVALID', `Invalid ${name}`)
}
