/** A straight map from data to pixels. */
export interface Scale {
  readonly domain: readonly [number, number]
  readonly ticks: readonly number[]
  at(value: number): number
}

/** Round steps of 1, 2 or 5 between the bounds; about `count` of them. */
export function niceTicks(low: number, high: number, count: number): number[] {
  const span = high - low
  if (!(span > 0) || !Number.isFinite(span)) return [low]
  const rough = span / Math.max(1, count)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find((one) => one * power >= rough * 0.999) ?? 10)
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  const decimals = Math.min(100, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)))
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toFixed(decimals)))
}

/** `range` in pixels, `margin` as a share of the span that is left free on both sides. */
export function linearScale(
  values: readonly number[],
  range: readonly [number, number],
  { margin = 0, count = 5 }: { margin?: number; count?: number } = {},
): Scale {
  let [low, high] = bounds(values)
  if (low === high) [low, high] = [low - (Math.abs(low) || 1) * 0.5, high + (Math.abs(high) || 1) * 0.5]
  const space = (high - low) * margin
  const domain = [low - space, high + space] as const
  const factor = (range[1] - range[0]) / (domain[1] - domain[0])
  return {
    domain,
    ticks: niceTicks(domain[0], domain[1], count),
    at: (value) => range[0] + (value - domain[0]) * factor,
  }
}

/** Least and greatest of the finite values; 0 and 1 where there is none. */
export function bounds(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  return low > high ? [0, 1] : [low, high]
}
