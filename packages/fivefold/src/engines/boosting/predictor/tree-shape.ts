import type { Trees } from '../model/trees.ts'

/** Steps from the root of each tree to its deepest leaf. Children follow their parents, so one pass from the end suffices. */
export function depthsOf(trees: Trees): number[] {
  return Array.from({ length: trees.starts.length - 1 }, (_, tree) => depthOf(trees, tree))
}

function depthOf({ starts, feature, left }: Trees, tree: number): number {
  const root = starts[tree]!
  const height = new Uint32Array(starts[tree + 1]! - root)
  for (let node = height.length - 1; node >= 0; node--) {
    if (feature[root + node]! < 0) continue
    const child = left[root + node]!
    height[node] = 1 + Math.max(height[child]!, height[child + 1]!)
  }
  return height[0]!
}

/** Numbers of the trees of each output, in order. */
export function treesOfOutputs({ output }: Trees, outputCount: number): number[][] {
  const lists: number[][] = Array.from({ length: outputCount }, () => [])
  for (const [tree, at] of output.entries()) lists[at]!.push(tree)
  return lists
}
