import { normalQuantile } from '../../metrics/index.ts'
import type { Comparison } from './comparison.ts'
import { detectableOrNull, POWER_Z, type TestPlan } from './finding.ts'
import { sequentialPValue } from './monte-carlo.ts'

/**
 * Share of current rows whose category the reference never had, against what a random division of the same rows would
 * give: with many rare categories some are always new. For columns where rare categories carry more than a hundredth
 * of the rows; elsewhere the test of homogeneity sees a new category by itself.
 */
export function compareUnseen(
  reference: Int32Array,
  current: Int32Array,
  categories: number,
  plan: TestPlan,
): Comparison | undefined {
  const [n, m] = [reference.length, current.length]
  if (n === 0 || m === 0) return undefined
  const inReference = countCodes(reference, categories)
  const inCurrent = countCodes(current, categories)
  const pooled = inReference.map((count, code) => count + inCurrent[code]!)
  if (rareShare(pooled, n, m) < 0.01) return undefined
  let unseen = 0
  for (let code = 0; code < categories; code++) if (inReference[code] === 0) unseen += inCurrent[code]!
  const rare = chancesOfBeingUnseen(pooled, n, m)
  const draw = (): number => rare.reduce((sum, { rows, chance }) => sum + (plan.rng.next() < chance ? rows : 0), 0)
  const mean = rare.reduce((sum, { rows, chance }) => sum + rows * chance, 0) / m
  const deviation = Math.sqrt(rare.reduce((sum, { rows, chance }) => sum + rows ** 2 * chance * (1 - chance), 0)) / m
  const effect = Math.max(0, unseen / m - mean)
  return {
    method: 'permutation',
    statistic: unseen / m,
    pValue: sequentialPValue(unseen, draw, plan.maxDraws),
    effectUnit: 'unseenShare',
    effect,
    ofSampling: deviation,
    noiseLimit: 3 * deviation,
    referenceVariation: 0,
    detectableEffect: (level) => detectableOrNull((normalQuantile(1 - level) + POWER_Z) * deviation),
  }
}

function countCodes(codes: Int32Array, categories: number): Float64Array {
  const counts = new Float64Array(categories)
  for (const code of codes) counts[code]!++
  return counts
}

function rareShare(pooled: Float64Array, n: number, m: number): number {
  const limit = (5 * (n + m)) / Math.min(n, m)
  return pooled.reduce((sum, rows) => sum + (rows < limit ? rows : 0), 0) / (n + m)
}

/** For each category the chance that a random division puts all of its rows on the current side. */
function chancesOfBeingUnseen(pooled: Float64Array, n: number, m: number): { rows: number; chance: number }[] {
  const rare: { rows: number; chance: number }[] = []
  for (const rows of pooled) {
    if (rows === 0) continue
    let chance = 1
    for (let i = 0; i < rows && chance > 1e-9; i++) chance *= Math.max(0, m - i) / (n + m - i)
    if (chance > 1e-9) rare.push({ rows, chance })
  }
  return rare
}
