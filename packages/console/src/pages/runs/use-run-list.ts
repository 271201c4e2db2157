import { useCallback, useEffect, useRef, useState } from 'react'
import { useClient } from '../../app/use-client.ts'
import { useRefresh } from '../../app/use-query.ts'
import type { RunQuery } from '../../client/console-client.ts'
import type { Run } from '../../client/records.ts'
import { refreshed, withoutTwins } from '../../state/merge-runs.ts'

export type RunListQuery = Omit<RunQuery, 'limit' | 'pageToken'>

export interface RunList {
  readonly runs: readonly Run[]
  /** Nothing has come yet for this query; `runs` are those of the query before. */
  readonly isLoading: boolean
  readonly error: Error | undefined
  /** Every run that the query finds is here. */
  readonly isComplete: boolean
  /** More runs are there than come by themselves. */
  readonly hasMore: boolean
  readonly loadMore: () => void
  readonly reload: () => void
}

/** The first page is small, so that something is seen at once. */
const FIRST_PAGE = 200
const PAGE = 1000
/** So many runs come by themselves; more on demand. */
const BATCH = 20_000
const REFRESH_MS = 5000

interface State {
  readonly key: string
  readonly runs: readonly Run[]
  readonly isFirstHere: boolean
  readonly error?: Error
  readonly nextToken?: string | undefined
}

const NOTHING: State = { key: '', runs: [], isFirstHere: false }

/** All runs that a query finds, page after page, newest state first; those that still run are asked for again. */
export function useRunList(query: RunListQuery): RunList {
  const client = useClient()
  const key = JSON.stringify(query)
  const [state, setState] = useState<State>(NOTHING)
  const [round, setRound] = useState(0)
  const [wanted, setWanted] = useState(BATCH)
  const current = useRef({ query, token: state.nextToken })
  current.current = { query, token: state.nextToken }

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again for the same query
  useEffect(() => {
    const controller = new AbortController()
    const page = (limit: number, pageToken?: string) =>
      client.searchRuns({ ...current.current.query, limit, ...(pageToken && { pageToken }) }, controller.signal)
    page(FIRST_PAGE).then(
      ({ items, nextToken }) => {
        if (!controller.signal.aborted) setState({ key, runs: items, isFirstHere: true, nextToken })
      },
      (error: Error) => {
        if (!controller.signal.aborted)
          setState((before) => ({ ...before, key, isFirstHere: true, error, nextToken: undefined }))
      },
    )
    return () => controller.abort()
  }, [key, round, client])

  const { nextToken, runs } = state
  const isMoreWanted = state.key === key && nextToken !== undefined && runs.length < wanted
  useEffect(() => {
    if (!isMoreWanted) return
    const controller = new AbortController()
    client
      .searchRuns({ ...current.current.query, limit: PAGE, pageToken: nextToken }, controller.signal)
      .then((page) => {
        if (controller.signal.aborted) return
        setState((before) => ({ ...before, runs: withoutTwins(before.runs, page.items), nextToken: page.nextToken }))
      })
      .catch((error: Error) => {
        if (!controller.signal.aborted) setState((before) => ({ ...before, error, nextToken: undefined }))
      })
    return () => controller.abort()
  }, [isMoreWanted, nextToken, client])

  const refresh = useCallback(() => {
    const asked = key
    client
      .searchRuns({ ...current.current.query, limit: FIRST_PAGE }, AbortSignal.timeout(REFRESH_MS * 4))
      .then(({ items }) =>
        setState((before) => (before.key === asked ? { ...before, runs: refreshed(before.runs, items) } : before)),
      )
      // The next refresh asks again.
      .catch(() => undefined)
  }, [client, key])
  const isAlive = runs.slice(0, FIRST_PAGE).some(({ status }) => status === 'running')
  useRefresh(refresh, isAlive ? REFRESH_MS : REFRESH_MS * 4)

  return {
    runs,
    isLoading: state.key !== key || !state.isFirstHere,
    error: state.key === key ? state.error : undefined,
    isComplete: nextToken === undefined,
    hasMore: nextToken !== undefined && runs.length >= wanted,
    loadMore: useCallback(() => setWanted((count) => count + BATCH), []),
    reload: useCallback(() => setRound((count) => count + 1), []),
  }
}
