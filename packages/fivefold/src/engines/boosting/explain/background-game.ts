import { type BackgroundPatterns, featureColumns, type LeafGame } from './leaf-game.ts'

/**
 * Interventional values: features outside a coalition are as in a background row, averaged over the background
 * (Lundberg et al., 2020). A row and a background row reach the leaf together unless a feature of theirs both leads
 * away from it. With a features by which only the background strays and b by which only the row does, the former earn
 * (a-1)! b! / (a+b)! of the leaf's value each, the latter lose a! (b-1)! / (a+b)! each. Rows enter by how they stray,
 * so that equal ones are counted and not repeated.
 */
export function createBackgroundGame(): LeafGame {
  let patterns: BackgroundPatterns = []
  let value = 0
  let featureCount = 0
  return {
    columnCount: (count) => count,
    columnsOf: featureColumns,
    open: (path, leafValue, background) => {
      patterns = background
      featureCount = path.count
      const total = background.reduce((sum, { weight }) => sum + weight, 0)
      value = leafValue / total
    },
    evaluate: (strays, out, at) => {
      out.fill(0, at, at + featureCount)
      let straying = 0
      for (let i = 0; i < featureCount; i++) straying += strays[i]!
      let lost = 0
      for (const { positions, weight } of patterns) {
        if (meets(positions, strays)) continue
        const scaled = value * weight
        const earned = positions.length > 0 ? scaled * coalitionWeight(positions.length, straying) : 0
        for (const position of positions) out[at + position]! += earned
        if (straying > 0) lost += scaled * coalitionWeight(straying, positions.length)
      }
      for (let i = 0; i < featureCount; i++) if (strays[i] === 1) out[at + i] = -lost
    },
  }
}

function meets(positions: readonly number[], strays: Uint8Array): boolean {
  for (let i = 0; i < positions.length; i++) if (strays[positions[i]!] === 1) return true
  return false
}

const weightsByA: number[][] = []

/** (a-1)! b! / (a+b)! for a > 0. */
function coalitionWeight(a: number, b: number): number {
  weightsByA[a] ??= [1 / a]
  const weights = weightsByA[a]
  for (let n = weights.length; n <= b; n++) weights.push((weights[n - 1]! * n) / (a + n))
  return weights[b]!
}
