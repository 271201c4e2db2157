import type { WindowName } from '../../client/serving-wire.ts'

export const WINDOWS: readonly { readonly value: WindowName; readonly label: string }[] = [
  { value: '1m', label: '1 min' },
  { value: '5m', label: '5 min' },
  { value: '1h', label: '1 hour' },
]

/** The window that an address names; five minutes without. */
export const asWindow = (text: string | null): WindowName => WINDOWS.find(({ value }) => value === text)?.value ?? '5m'
