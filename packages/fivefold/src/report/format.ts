const MISSING = '–'
const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** A true minus sign lines up with figures; a hyphen does not. */
const withMinus = (text: string): string => text.replace('-', '−')

/** `12,345`: whole numbers, counts of rows. */
export function formatCount(count: number): string {
  return Number.isFinite(count) ? withMinus(grouped.format(Math.round(count))) : MISSING
}

/** A number to read: whole numbers in full, others to `digits` significant digits, without needless zeros. */
export function formatNumber(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return MISSING
  const size = Math.abs(value)
  if (size >= 1e15 || (size > 0 && size < 1e-4)) return withMinus(value.toExponential(Math.max(0, digits - 2)))
  if (Number.isInteger(value) || size >= 10 ** (digits + 1)) return formatCount(value)
  const whole = Math.floor(Math.log10(size)) + 1
  const decimals = Math.max(0, digits - whole)
  return withMinus(groupThousands(withoutTrailingZeros(value.toFixed(decimals))))
}

/** `0.927`: always as many decimals, so that values in a column line up. */
export function formatFixed(value: number | null | undefined, decimals = 3): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return MISSING
  return withMinus(groupThousands(value.toFixed(decimals)))
}

/** Numbers of one column, to as many decimals as give the largest of them four digits; so that they line up. */
export function formatAlike(values: readonly number[]): string[] {
  const size = Math.max(0, ...values.filter(Number.isFinite).map(Math.abs))
  if (size >= 1e15 || size < 1e-4) return values.map((value) => formatNumber(value))
  if (values.every(Number.isInteger)) return values.map(formatCount)
  const decimals = Math.min(8, Math.max(0, 3 - Math.floor(Math.log10(size))))
  return values.map((value) => formatFixed(value, decimals))
}

/** `12.3%` of a share in [0, 1]; what is not quite nothing or everything is never rounded to it. */
export function formatPercent(share: number | null | undefined, decimals = 1): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return MISSING
  const step = 10 ** -decimals
  const percent = share * 100
  if (percent > 0 && percent < step / 2) return `<${step.toFixed(decimals)}%`
  if (percent < 100 && percent > 100 - step / 2) return `>${(100 - step).toFixed(decimals)}%`
  return `${withMinus(withoutTrailingZeros(percent.toFixed(decimals)))}%`
}

/** `120 µs`, `12.3 ms`, `1.23 s`, `2 min 5 s`, `3 h 10 min`. */
export function formatDuration(durationMs: number | null | undefined): string {
  if (durationMs === null || durationMs === undefined || !Number.isFinite(durationMs)) return MISSING
  if (durationMs < 1) return `${formatNumber(durationMs * 1000, 3)} µs`
  if (durationMs < 1000) return `${formatNumber(durationMs, 3)} ms`
  if (durationMs < 60_000) return `${formatNumber(durationMs / 1000, 3)} s`
  const seconds = Math.round(durationMs / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${formatCount(Math.floor(seconds / 3600))} h ${Math.floor((seconds % 3600) / 60)} min`
}

/** `812 kB`, in powers of 1000. */
export function formatBytes(sizeBytes: number | null | undefined): string {
  if (sizeBytes === null || sizeBytes === undefined || !Number.isFinite(sizeBytes)) return MISSING
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let size = sizeBytes
  let unit = 0
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000
    unit++
  }
  return `${formatNumber(size, 3)} ${units[unit]}`
}

export interface ValueWithInterval {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** `0.927 [0.922, 0.931]`, to as many decimals as the interval says something about; `0.5` where there is none. */
export function formatInterval(measured: ValueWithInterval | null | undefined, unit = ''): string {
  if (!measured) return MISSING
  if (measured.low === measured.high) return `${formatNumber(measured.value)}${unit}`
  const decimals = decimalsOf(measured)
  const size = Math.max(Math.abs(measured.low), Math.abs(measured.high))
  const isPlain = size < 1e15 && (size >= 1e-4 || size === 0)
  const show = isPlain
    ? (value: number): string => `${formatFixed(value, decimals)}${unit}`
    : (value: number): string => `${formatNumber(value)}${unit}`
  return `${show(measured.value)} [${show(measured.low)}, ${show(measured.high)}]`
}

/** Two significant digits of the interval's width, between 0 and 5 decimals; 3 where it is infinite. */
function decimalsOf({ low, high }: ValueWithInterval): number {
  const width = high - low
  if (!Number.isFinite(width)) return 3
  return Math.min(5, Math.max(0, 1 - Math.floor(Math.log10(width))))
}

/** `p < 0.001`, `p = 0.023`. */
export function formatPValue(pValue: number): string {
  if (!Number.isFinite(pValue)) return `p ${MISSING}`
  return pValue < 0.001 ? 'p < 0.001' : `p = ${pValue.toFixed(3)}`
}

/** `2012-07-01` or `2012-07-01 13:05` UTC, of epoch milliseconds. */
export function formatTime(epochMs: number | null | undefined): string {
  if (epochMs === null || epochMs === undefined || !(Math.abs(epochMs) <= 8.64e15)) return MISSING
  const text = new Date(epochMs).toISOString()
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, -14) : text.slice(0, -8).replace('T', ' ')
}

/** Cuts text that is too long for its place, with an ellipsis. */
export function shortened(text: string, length = 40): string {
  const characters = Array.from(text)
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`
}

const withoutTrailingZeros = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)

const groupThousands = (text: string): string => {
  const [whole, fraction] = text.split('.')
  const withCommas = whole!.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? withCommas : `${withCommas}.${fraction}`
}
