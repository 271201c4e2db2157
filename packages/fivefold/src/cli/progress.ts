import type { ProgressEvent, ProgressSink } from '../core/index.ts'

/** Something that text can be shown on: a terminal, a log file, a test. */
export interface ProgressStream {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

export interface ProgressDisplay {
  readonly sink: ProgressSink
  /** Removes the bar, so that what follows starts on a clean line. */
  finish(): void
}

const REDRAW_MS = 100
const PLAIN_LINE_MS = 5_000
const BAR_CELLS = 24

/** A bar with an estimate on a terminal; elsewhere a plain line for each new kind of stage, and one every few seconds. */
export function createProgressDisplay(
  stream: ProgressStream,
  nowMs: () => number = () => performance.now(),
): ProgressDisplay {
  return stream.isTTY ? barDisplay(stream, nowMs) : plainDisplay(stream, nowMs)
}

function barDisplay(stream: ProgressStream, nowMs: () => number): ProgressDisplay {
  const pace = createPace(nowMs)
  let drawnMs = Number.NEGATIVE_INFINITY
  return {
    sink: (event) => {
      const isNew = pace.add(event)
      if (!isNew && nowMs() - drawnMs < REDRAW_MS && event.done !== event.total) return
      drawnMs = nowMs()
      const line = `${bar(event)} ${describe(event)}${estimateText(pace.remainingMs(event))}`
      stream.write(`\r\x1b[2K${line.slice(0, (stream.columns ?? 80) - 1)}`)
    },
    finish: () => stream.write('\r\x1b[2K'),
  }
}

function plainDisplay(stream: ProgressStream, nowMs: () => number): ProgressDisplay {
  const pace = createPace(nowMs)
  const seen = new Set<string>()
  let printedMs = Number.NEGATIVE_INFINITY
  return {
    sink: (event) => {
      pace.add(event)
      const isFirst = !seen.has(event.stage)
      if (!isFirst && nowMs() - printedMs < PLAIN_LINE_MS) return
      seen.add(event.stage)
      printedMs = nowMs()
      stream.write(`${describe(event)}${estimateText(pace.remainingMs(event))}\n`)
    },
    finish: () => {},
  }
}

/** Remembers when each stage began, for the estimate of what is left of it. */
function createPace(nowMs: () => number) {
  let stage = ''
  let startMs = 0
  let startDone = 0
  return {
    /** Whether the event opens another stage. */
    add(event: ProgressEvent): boolean {
      const isNew = event.stage !== stage || event.done < startDone
      if (isNew) [stage, startMs, startDone] = [event.stage, nowMs(), event.done]
      return isNew
    },
    remainingMs(event: ProgressEvent): number | undefined {
      const progressed = event.done - startDone
      if (!event.total || progressed <= 0) return undefined
      return ((nowMs() - startMs) / progressed) * (event.total - event.done)
    },
  }
}

function bar({ done, total }: ProgressEvent): string {
  if (!total) return '·'.repeat(BAR_CELLS)
  const filled = Math.round((Math.min(done, total) / total) * BAR_CELLS)
  return '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled)
}

function describe({ stage, done, total, note }: ProgressEvent): string {
  return [stage, total ? `${done}/${total}` : '', note ?? ''].filter(Boolean).join(' ')
}

function estimateText(remainingMs: number | undefined): string {
  if (remainingMs === undefined || remainingMs < 1000) return ''
  const seconds = Math.round(remainingMs / 1000)
  return seconds < 60 ? `, ${seconds} s left` : `, ${Math.floor(seconds / 60)} min ${seconds % 60} s left`
}
