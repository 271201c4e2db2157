import { FivefoldError } from '../../../core/index.ts'

/** What `?explain=true&class=yes` asks for. */
export interface ExplainQuery {
  readonly class?: string
}

/** Undefined where no explanation is asked for. @throws REQUEST_INVALID */
export function explainQuery(query: unknown): ExplainQuery | undefined {
  const { explain = 'false', class: wanted } = query as Readonly<Record<string, string | string[] | undefined>>
  if (explain === 'true' || explain === '') return typeof wanted === 'string' ? { class: wanted } : {}
  if (explain === 'false') return undefined
  throw new FivefoldError('REQUEST_INVALID', 'explain is neither true nor false')
}
