import { RECORD_BYTES } from '../kernels/memory-layout.ts'
import type { ThreadTeam } from '../kernels/thread-team.ts'
import type { Workspace } from '../kernels/workspace.ts'
import { type GradientScale, gradientShape, gradientSource } from '../loss/gradients.ts'
import { shrunk } from './split-finder.ts'
import type { GrownNode } from './tree-grower.ts'

/**
 * The Newton step of each leaf, -T(G) / (H + l2), times the learning rate; 0 for inner nodes.
 * Where quantised gradients are coarse, the leaf's sums are taken again in floating point.
 */
export function leafValues(
  workspace: Workspace,
  team: ThreadTeam,
  nodes: readonly GrownNode[],
  scale: GradientScale,
  output: number,
): Float32Array {
  const { l1, l2, learningRate } = workspace.job.params
  const leaves = nodes.flatMap((node, index) => (node.grown === undefined ? [{ node, index }] : []))
  const sums = scale.isCoarse
    ? exactSums(
        workspace,
        team,
        leaves.map(({ node }) => node),
        output,
      )
    : leaves.map(({ node }) => ({ gradient: node.gradient / scale.gradient, hessian: node.hessian / scale.hessian }))
  const values = new Float32Array(nodes.length)
  for (const [i, { index }] of leaves.entries()) {
    const { gradient, hessian } = sums[i]!
    const curvature = hessian + l2
    values[index] = curvature > 0 ? (-learningRate * shrunk(gradient, l1)) / curvature : 0
  }
  return values
}

function exactSums(
  workspace: Workspace,
  team: ThreadTeam,
  leaves: readonly GrownNode[],
  output: number,
): { gradient: number; hessian: number }[] {
  const { layout, float64 } = workspace
  const source = gradientSource(workspace, output)
  const shape = gradientShape(workspace, output)
  team.run(
    'leafGradientSums',
    leaves.map(({ begin, count }, i) => [
      ...([layout.records + begin * RECORD_BYTES, count] as const),
      ...source,
      ...shape,
      layout.leafSums + i * 16,
    ]),
    leaves.reduce((rows, { count }) => rows + count, 0),
  )
  return leaves.map((_, i) => {
    const at = layout.leafSums / 8 + i * 2
    return { gradient: float64[at]!, hessian: float64[at + 1]! }
  })
}
