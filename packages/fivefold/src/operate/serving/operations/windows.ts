/** Seconds that figures are told over. */
export const WINDOWS = { '1m': 60, '5m': 300, '1h': 3600 } as const
export type WindowName = keyof typeof WINDOWS
export type Windows<T> = Readonly<Record<WindowName, T>>
