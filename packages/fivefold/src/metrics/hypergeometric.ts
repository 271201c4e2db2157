import type { Rng } from '../core/index.ts'
import { logGamma } from './special-functions.ts'

/**
 * How many of `marked` items are among `drawn` taken without replacement from `total`: one random draw, exact.
 * Inversion outward from the mode, so the expected work is a few standard deviations.
 */
export function drawHypergeometric(rng: Rng, total: number, marked: number, drawn: number): number {
  const lowest = Math.max(0, drawn - (total - marked))
  const highest = Math.min(drawn, marked)
  if (lowest === highest) return lowest
  const mode = Math.min(highest, Math.max(lowest, Math.floor(((drawn + 1) * (marked + 1)) / (total + 2))))
  const peak = Math.exp(logChoose(marked, mode) + logChoose(total - marked, drawn - mode) - logChoose(total, drawn))
  let rest = rng.next() - peak
  let down = mode
  let up = mode
  let downP = peak
  let upP = peak
  while (rest > 0 && (down > lowest || up < highest)) {
    if (up < highest) {
      upP *= ((marked - up) * (drawn - up)) / ((up + 1) * (total - marked - drawn + up + 1))
      up++
      rest -= upP
      if (rest <= 0) return up
    }
    if (down > lowest) {
      downP *= (down * (total - marked - drawn + down)) / ((marked - down + 1) * (drawn - down + 1))
      down--
      rest -= downP
      if (rest <= 0) return down
    }
    // Rounding may leave a rest that no remaining probability can cover.
    if (upP < 1e-300 && downP < 1e-300) break
  }
  return mode
}

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1)
}
