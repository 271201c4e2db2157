import { useEffect, useRef } from 'react'

/** What a key, or two one after the other as in `g e`, does. */
export type Shortcuts = Readonly<Record<string, () => void>>

const SEQUENCE_MS = 900

/** Listens for keys while nobody is typing and no dialog is open. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const current = useRef(shortcuts)
  current.current = shortcuts
  useEffect(() => {
    let [before, beforeMs] = ['', 0]
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isBusy(event.target)) return
      const pair = event.timeStamp - beforeMs < SEQUENCE_MS ? `${before} ${event.key}` : ''
      const action = current.current[pair] ?? current.current[event.key]
      ;[before, beforeMs] = [event.key, event.timeStamp]
      if (!action) return
      event.preventDefault()
      action()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}

function isBusy(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  const isTyping = target.matches('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]')
  return isTyping || target.closest('dialog, [popover]') !== null
}
