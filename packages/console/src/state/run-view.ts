import { columnOf, orderName } from './run-columns.ts'

export interface SortOrder {
  readonly column: string
  readonly descending: boolean
}

/** What a run table shows; lives in the page's address, so that a link shows the same. */
export interface RunView {
  readonly filter: string
  readonly sort: SortOrder
  /** Ids of the columns in their order; undefined for the default ones. */
  readonly columns: readonly string[] | undefined
  /** Id of the column whose values make the groups. */
  readonly group: string | undefined
  readonly deleted: boolean
}

export const NEWEST_FIRST: SortOrder = { column: 'attribute:started', descending: true }

export const PLAIN_VIEW: RunView = {
  filter: '',
  sort: NEWEST_FIRST,
  columns: undefined,
  group: undefined,
  deleted: false,
}

/** Reads a view; what an address does not name is as in the plain view. */
export function viewFromParams(params: URLSearchParams): RunView {
  const sort = params.get('sort')
  const columns = params.getAll('column')
  return {
    filter: params.get('filter') ?? '',
    sort: sort ? { column: sort.replace(/^-/, ''), descending: sort.startsWith('-') } : NEWEST_FIRST,
    columns: params.has('column') ? columns.filter(Boolean) : undefined,
    group: params.get('group') ?? undefined,
    deleted: params.get('deleted') === 'true',
  }
}

export function viewToParams(view: RunView): URLSearchParams {
  const params = new URLSearchParams()
  if (view.filter !== '') params.set('filter', view.filter)
  if (!sameOrder(view.sort, NEWEST_FIRST)) params.set('sort', `${view.sort.descending ? '-' : ''}${view.sort.column}`)
  // An empty column says that somebody has taken every column away.
  for (const id of view.columns?.length === 0 ? [''] : (view.columns ?? [])) params.append('column', id)
  if (view.group !== undefined) params.set('group', view.group)
  if (view.deleted) params.set('deleted', 'true')
  return params
}

export const sameOrder = (a: SortOrder, b: SortOrder): boolean => a.column === b.column && a.descending === b.descending

export const sameView = (a: RunView, b: RunView): boolean => viewToParams(a).toString() === viewToParams(b).toString()

/** Numbers start with the largest, texts with the first; a second press turns the order round. */
export function nextSort(current: SortOrder, column: string): SortOrder {
  if (current.column === column) return { column, descending: !current.descending }
  const { isNumeric, key } = columnOf(column)
  return { column, descending: isNumeric || key === 'started' }
}

/** The order in the server's words. */
export function orderBy({ column, descending }: SortOrder): string[] {
  const name = orderName(columnOf(column))
  return name === undefined ? [] : [`${name} ${descending ? 'DESC' : 'ASC'}`]
}
