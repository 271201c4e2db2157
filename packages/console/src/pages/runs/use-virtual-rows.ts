import { type RefObject, useCallback, useLayoutEffect, useState } from 'react'

export interface VirtualRows {
  /** First row that is drawn, and the one after the last. */
  readonly start: number
  readonly end: number
  /** Scrolls just so far that the row is seen. */
  readonly reveal: (index: number) => void
}

const OVERSCAN = 10
/** The window moves in steps, so that most scroll events draw nothing. */
const STEP = 5

/** Which of `count` rows of one height are seen in a scrolling box below a head of `headPx`. */
export function useVirtualRows(
  box: RefObject<HTMLElement | null>,
  count: number,
  rowPx: number,
  headPx: number,
): VirtualRows {
  const [first, setFirst] = useState(0)
  const [seen, setSeen] = useState(40)
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const measure = (): void => {
      setFirst(Math.floor(element.scrollTop / rowPx / STEP) * STEP)
      setSeen(Math.ceil(element.clientHeight / rowPx))
    }
    measure()
    element.addEventListener('scroll', measure, { passive: true })
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => {
      element.removeEventListener('scroll', measure)
      observer.disconnect()
    }
  }, [box, rowPx])
  const reveal = useCallback(
    (index: number) => {
      const element = box.current
      if (!element) return
      const top = index * rowPx
      const height = element.clientHeight - headPx
      if (top < element.scrollTop) element.scrollTop = top
      else if (top + rowPx > element.scrollTop + height) element.scrollTop = top + rowPx - height
    },
    [box, rowPx, headPx],
  )
  const start = Math.max(0, Math.min(first - OVERSCAN, count - seen))
  return { start, end: Math.min(count, first + seen + OVERSCAN + STEP), reveal }
}
