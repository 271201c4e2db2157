/** Five significant digits, as few as tell the value: 0.92731, 1.2e-9, 12,345. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  if (value === 0) return '0'
  const size = Math.abs(value)
  const text =
    size < 1e-4 || size >= 1e9
      ? value
          .toExponential(3)
          .replace(/\.?0+e/, 'e')
          .replace('e+', 'e')
      : Number.isInteger(value)
        ? value.toLocaleString('en-US')
        : value.toLocaleString('en-US', { maximumSignificantDigits: size >= 1e5 ? 7 : 5 })
  return text.replace(/^-/, '−')
}

/** Writes the numbers of one column with the same decimals, so that their points stand below one another. */
export function columnFormat(values: readonly number[]): (value: number) => string {
  const finite = values.filter(Number.isFinite)
  const largest = finite.reduce((size, value) => Math.max(size, Math.abs(value)), 0)
  if (finite.every(Number.isInteger) || largest >= 1e5 || largest < 1e-3) return formatNumber
  const decimals = Math.max(0, 4 - Math.max(0, Math.floor(Math.log10(largest))))
  return (value) => {
    const isLost = Math.abs(value) < 10 ** -decimals && value !== 0
    if (!Number.isFinite(value) || isLost) return formatNumber(value)
    const fixed = { minimumFractionDigits: decimals, maximumFractionDigits: decimals }
    return value.toLocaleString('en-US', fixed).replace(/^-/, '−')
  }
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** In units of 1000 bytes. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** power
  return `${power === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${UNITS[power]}`
}

/** The two largest units: 320 ms, 4.2 s, 3 m 05 s, 2 h 10 m, 3 d 04 h. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`
  const minutes = Math.floor(ms / 60_000)
  const two = (value: number): string => String(value).padStart(2, '0')
  if (minutes < 60) return `${minutes} m ${two(Math.floor(ms / 1000) % 60)} s`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours} h ${two(minutes % 60)} m` : `${Math.floor(hours / 24)} d ${two(hours % 24)} h`
}

/** A length of time that is a round one: 30 d, 1 h, 5 m 30 s. */
export const formatSpan = (ms: number): string => formatDuration(ms).replace(/ 00 [hms]$/, '')

/** In the reader's time zone: 2026-11-23 16:47:05. */
export function formatTime(ms: number): string {
  const date = new Date(ms)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

const AGES: readonly (readonly [limitMs: number, unitMs: number, unit: string])[] = [
  [3_600_000, 60_000, 'min'],
  [86_400_000, 3_600_000, 'h'],
  [30 * 86_400_000, 86_400_000, 'd'],
]

/** How long ago, in one unit; the day itself where it is more than a month. */
export function formatAge(ms: number, nowMs: number): string {
  const age = nowMs - ms
  if (age < 60_000) return 'just now'
  const found = AGES.find(([limitMs]) => age < limitMs)
  return found ? `${Math.floor(age / found[1])} ${found[2]} ago` : formatTime(ms).slice(0, 10)
}

export const formatCount = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`

/** 1%, 33.3%, 0.25%; what is not known is a dash. */
export function formatPercent(share: number | null | undefined): string {
  if (share == null || !Number.isFinite(share)) return '–'
  const percent = share * 100
  const decimals = percent === 0 || Math.abs(percent) >= 10 ? 1 : 2
  return `${percent.toLocaleString('en-US', { maximumFractionDigits: decimals }).replace(/^-/, '−')}%`
}

/** Milliseconds as a latency: 0.082 ms, 4.2 ms, 1.24 s; what is not known is a dash. */
export function formatLatency(ms: number | null | undefined): string {
  if (ms == null || !Number.isFinite(ms)) return '–'
  const [value, unit] = ms < 1000 ? [ms, 'ms'] : [ms / 1000, 's']
  return `${value.toLocaleString('en-US', { maximumSignificantDigits: 3 })} ${unit}`
}

/** A second's worth: 0.2, 14.3, 1,240; what is not known is a dash. */
export function formatRate(perSecond: number | null | undefined): string {
  if (perSecond == null || !Number.isFinite(perSecond)) return '–'
  const maximumFractionDigits = perSecond === 0 || perSecond >= 100 ? 0 : perSecond >= 1 ? 1 : 2
  return perSecond.toLocaleString('en-US', { maximumFractionDigits })
}
