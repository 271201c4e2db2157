import { goesLeft, type Trees } from '../model/trees.ts'

// The definitions, by enumeration of all coalitions: what explanations are held against.

/** Worth of a coalition of players; bit i is player i. */
export type Worth = (coalition: number) => number

/** Score of an output where a coalition's features are as in the row and others follow each side by cover. */
export function coverWorth(trees: Trees, output: number, base: number, row: readonly number[]): Worth {
  return (coalition) => {
    const visit = (root: number, node: number): number => {
      const feature = trees.feature[node]!
      if (feature < 0) return trees.value[node]!
      const left = root + trees.left[node]!
      if ((coalition >> feature) & 1) return visit(root, goesLeft(trees, node, row[feature]!) ? left : left + 1)
      const covers = [trees.cover[left]!, trees.cover[left + 1]!] as const
      const total = covers[0] + covers[1]
      const share = total === 0 ? 0.5 : covers[0] / total
      return share * visit(root, left) + (1 - share) * visit(root, left + 1)
    }
    return Array.from(trees.output).reduce(
      (sum, of, tree) => (of === output ? sum + visit(trees.starts[tree]!, trees.starts[tree]!) : sum),
      base,
    )
  }
}

/** Mean score where a coalition's features are as in the row and others as in each background row. */
export function backgroundWorth(
  scoreOf: (row: number[]) => number,
  row: readonly number[],
  background: readonly (readonly number[])[],
): Worth {
  return (coalition) => {
    const mixed = background.map((other) => row.map((value, i) => ((coalition >> i) & 1 ? value : other[i]!)))
    return mixed.reduce((sum, values) => sum + scoreOf(values), 0) / background.length
  }
}

/** Shapley (1953): the mean of what a player adds over all orders in which players can join. */
export function shapleyValues(worth: Worth, players: number): number[] {
  return Array.from({ length: players }, (_, i) =>
    sumOverCoalitions(players, 1 << i, (coalition, size) => {
      const weight = (factorial(size) * factorial(players - size - 1)) / factorial(players)
      return weight * (worth(coalition | (1 << i)) - worth(coalition))
    }),
  )
}

/** Lundberg et al. (2020), equations 4 to 6. */
export function shapInteractions(worth: Worth, players: number): number[][] {
  const own = shapleyValues(worth, players)
  const matrix = own.map((_, i) => own.map((_, j) => (i === j ? 0 : interaction(worth, players, 1 << i, 1 << j))))
  return matrix.map((line, i) => line.with(i, own[i]! - line.reduce((a, b) => a + b, 0)))
}

function interaction(worth: Worth, players: number, i: number, j: number): number {
  return sumOverCoalitions(players, i | j, (coalition, size) => {
    const weight = (factorial(size) * factorial(players - size - 2)) / (2 * factorial(players - 1))
    return weight * (worth(coalition | i | j) - worth(coalition | i) - worth(coalition | j) + worth(coalition))
  })
}

function sumOverCoalitions(
  players: number,
  without: number,
  term: (coalition: number, size: number) => number,
): number {
  let sum = 0
  for (let coalition = 0; coalition < 1 << players; coalition++) {
    if ((coalition & without) !== 0) continue
    const size = Array.from({ length: players }, (_, i) => (coalition >> i) & 1).reduce((a, b) => a + b, 0)
    sum += term(coalition, size)
  }
  return sum
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))
