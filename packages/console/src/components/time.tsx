import { useEffect, useState } from 'react'
import { formatAge, formatDuration, formatTime } from '../format/format.ts'

/** How long ago; the exact time on pointing at it. */
export function Age({ timeMs }: { readonly timeMs: number | undefined }) {
  if (timeMs === undefined) return <span>–</span>
  return (
    <time dateTime={new Date(timeMs).toISOString()} title={formatTime(timeMs)}>
      {formatAge(timeMs, Date.now())}
    </time>
  )
}

/** From start to end; counts on where there is no end yet. */
export function Duration({
  startMs,
  endMs,
  isRunning,
}: {
  readonly startMs: number | undefined
  readonly endMs: number | undefined
  readonly isRunning: boolean
}) {
  const nowMs = useNow(isRunning && endMs === undefined)
  if (startMs === undefined || (endMs === undefined && !isRunning)) return <span>–</span>
  return <span>{formatDuration((endMs ?? nowMs) - startMs)}</span>
}

function useNow(isTicking: boolean): number {
  const [nowMs, setNowMs] = useState(() => Date.now())
  useEffect(() => {
    if (!isTicking) return
    const timer = setInterval(() => setNowMs(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [isTicking])
  return nowMs
}
