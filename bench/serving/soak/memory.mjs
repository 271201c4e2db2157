/** Memory of a server's processes over time, and whether it grows. */
import { memoryBelow } from '../processes.mjs'

/** Blocks that a measurement is divided into: the means of blocks depend less on one another than samples do. */
const BLOCKS = 10
/** The 0.975 quantile of Student's t with BLOCKS - 2 degrees of freedom. */
const T8 = 2.306

/** Samples each second until `stop`, which returns `[[epochMs, bytes], ...]`. */
export function watchMemory(pid) {
  const samples = []
  const timer = setInterval(() => samples.push([Date.now(), memoryBelow(pid)]), 1000)
  return {
    stop: () => {
      clearInterval(timer)
      return samples
    },
  }
}

/**
 * Bytes a minute with a 95% interval: least squares over the means of ten blocks, the first quarter left out, in which caches fill.
 * Undefined below four samples a block.
 */
export function slopeOf(samples) {
  const later = samples.slice(Math.ceil(samples.length / 4))
  const size = Math.floor(later.length / BLOCKS)
  if (size < 4) return undefined
  const points = Array.from({ length: BLOCKS }, (_, i) => {
    const block = later.slice(i * size, (i + 1) * size)
    return [mean(block.map(([ms]) => ms / 60_000)), mean(block.map(([, bytes]) => bytes))]
  })
  const [x, y] = [mean(points.map(([a]) => a)), mean(points.map(([, b]) => b))]
  const spread = sum(points.map(([a]) => (a - x) ** 2))
  const slope = sum(points.map(([a, b]) => (a - x) * (b - y))) / spread
  const residual = sum(points.map(([a, b]) => (b - y - slope * (a - x)) ** 2))
  const margin = T8 * Math.sqrt(residual / (BLOCKS - 2) / spread)
  return { slope, low: slope - margin, high: slope + margin, mean: y }
}

const sum = (values) => values.reduce((total, value) => total + value, 0)
const mean = (values) => sum(values) / values.length
