import { type ReactNode, useEffect, useRef, useState } from 'react'

/** Draws its content once it comes near the window, and keeps its place until then. */
export function WhenSeen({ heightPx, children }: { readonly heightPx: number; readonly children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null)
  const [isSeen, setSeen] = useState(false)
  useEffect(() => {
    const element = box.current
    if (!element) return
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setSeen(true),
      {
        rootMargin: '300px',
      },
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return (
    <div ref={box} style={{ minHeight: heightPx, minWidth: 0 }}>
      {isSeen && children}
    </div>
  )
}
