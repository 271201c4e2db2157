import { useCallback, useEffect, useRef, useState } from 'react'

export interface Query<T> {
  /** The last answer for this key; stays while a newer one is under way. */
  readonly data: T | undefined
  readonly error: Error | undefined
  readonly isLoading: boolean
  /** Asks again. */
  readonly reload: () => void
}

interface State<T> {
  readonly key: string
  readonly data?: T
  readonly error?: Error
}

export interface QueryOptions<T> {
  /** Asks again after this time, as long as the page is seen; may hang on the answer. */
  readonly refreshMs?: number | undefined | ((data: T) => number | undefined)
  /** false asks nothing yet. */
  readonly isEnabled?: boolean
}

/** Loads what `key` names, anew whenever the key changes; an answer that comes too late is dropped. */
export function useQuery<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  { refreshMs, isEnabled = true }: QueryOptions<T> = {},
): Query<T> {
  const [state, setState] = useState<State<T>>({ key })
  const [round, setRound] = useState(0)
  const latest = useRef(load)
  latest.current = load

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again for the same key
  useEffect(() => {
    if (!isEnabled) return
    const controller = new AbortController()
    latest.current(controller.signal).then(
      (data) => !controller.signal.aborted && setState({ key, data }),
      (error: unknown) => {
        if (controller.signal.aborted) return
        setState((before) => ({ ...(before.key === key && before), key, error: toError(error) }))
      },
    )
    return () => controller.abort()
  }, [key, round, isEnabled])

  const reload = useCallback(() => setRound((count) => count + 1), [])
  const current: State<T> = state.key === key ? state : { key }
  const intervalMs = typeof refreshMs === 'function' ? current.data && refreshMs(current.data) : refreshMs
  useRefresh(reload, isEnabled ? intervalMs : undefined)
  const isLoading = isEnabled && current.data === undefined && current.error === undefined
  return { data: current.data, error: current.error, isLoading, reload }
}

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

/** Calls back at an interval while the page is seen. */
export function useRefresh(refresh: () => void, intervalMs: number | undefined): void {
  useEffect(() => {
    if (intervalMs === undefined) return
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') refresh()
    }, intervalMs)
    return () => clearInterval(timer)
  }, [refresh, intervalMs])
}
