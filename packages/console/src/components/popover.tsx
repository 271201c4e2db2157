import { type ReactNode, useId, useRef, useState } from 'react'
import { Button, type ButtonProps } from './button.tsx'
import styles from './popover.module.css'

/** A button that opens a small panel below itself; a press elsewhere or Escape closes it. */
export function Popover({
  label,
  children,
  ...button
}: Omit<ButtonProps, 'children'> & {
  readonly label: ReactNode
  /** Drawn while the panel is open; `close` shuts it. */
  readonly children: (close: () => void) => ReactNode
}) {
  const id = useId()
  const panel = useRef<HTMLDivElement>(null)
  const opener = useRef<HTMLSpanElement>(null)
  const [isOpen, setOpen] = useState(false)
  const place = (): void => {
    if (panel.current && opener.current) placeBelow(panel.current, opener.current.getBoundingClientRect())
  }
  return (
    <span ref={opener}>
      <Button {...button} popoverTarget={id} aria-expanded={isOpen} aria-haspopup="dialog">
        {label}
      </Button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        role="dialog"
        aria-label={typeof label === 'string' ? label : button['aria-label']}
        className={styles.panel}
        onBeforeToggle={(event) => {
          setOpen(event.newState === 'open')
          if (event.newState === 'open') requestAnimationFrame(place)
        }}
        onToggle={place}
      >
        {isOpen && children(() => panel.current?.hidePopover())}
      </div>
    </span>
  )
}

const EDGE_PX = 8

function placeBelow(panel: HTMLElement, opener: DOMRect): void {
  const left = Math.min(opener.left, window.innerWidth - panel.offsetWidth - EDGE_PX)
  panel.style.left = `${Math.max(EDGE_PX, left)}px`
  panel.style.top = `${opener.bottom + 4}px`
  panel.style.maxHeight = `${window.innerHeight - opener.bottom - 4 - EDGE_PX}px`
}
