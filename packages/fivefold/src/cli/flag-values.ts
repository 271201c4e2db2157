import { InvalidArgumentError } from 'commander'

/** Parsers of flag values; a wrong value is a usage error that names the flag. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}.`)
    return value
  }
}

export const DAY_MS = 86_400_000

const DURATION_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS } as const

/** `60s`, `5m`, `1h`, `30d`, `500ms` in milliseconds. */
export function durationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text)
  if (!match) throw new InvalidArgumentError('expected a duration such as 60s, 5m, 1h or 30d.')
  return Number(match[1]) * DURATION_MS[match[2] as keyof typeof DURATION_MS]
}

/** An ISO 8601 time in epoch milliseconds; without an offset it is UTC, as everywhere. */
export function instantMs(text: string): number {
  const isIso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.test(text)
  const value = Date.parse(/T.*[\dZ]$/.test(text) && !/(Z|[+-]\d{2}:\d{2})$/.test(text) ? `${text}Z` : text)
  if (!isIso || Number.isNaN(value)) throw new InvalidArgumentError('expected a time such as 2025-03-31T12:00:00Z.')
  return value
}

export function fraction(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('expected a number between 0 and 1.')
  return value
}

/** `all`, `errors`, or errors and this share of the others. */
export function loggedRequests(text: string): 'all' | 'errors' | number {
  if (text === 'all' || text === 'errors') return text
  const share = Number(text)
  if (share > 0 && share < 1) return share
  throw new InvalidArgumentError('expected all, errors, or a share such as 0.01.')
}

/** Several values of one flag, separated by spaces or commas. */
export function listValue(text: string, before: readonly string[] = []): string[] {
  return [
    ...before,
    ...text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  ]
}

/** A number of answers, or the address of a Redis that keeps them. */
export function cacheSize(text: string): number | string {
  return /^rediss?:\/\//.test(text) ? text : wholeNumber(0, 10_000_000)(text)
}
