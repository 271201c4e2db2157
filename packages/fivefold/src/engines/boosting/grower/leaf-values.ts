import { RECORD_BYTES } from '../kernels/memory-layout.ts'
import type { ThreadTeam } from '../kernels/thread-team.ts'
import type { Workspace } from '../kernels/workspace.ts'
import { type GradientScale, gradientShape, gradientSource } from '../loss/gradients.ts'
import { newtonStep } from './newton-step.ts'
import type { GrownNode } from './tree-grower.ts'

/**
 * The Newton step of each leaf times the learning rate; 0 for inner nodes. Where quantised gradients are coarse, the
 * leaf's sums are taken again in floating point. Leaves of absolute and quantile loss take the quantile of their
 * residuals, which is the minimum itself (Friedman, 2001).
 */
export function leafValues(
  workspace: Workspace,
  team: ThreadTeam,
  nodes: readonly GrownNode[],
  scale: GradientScale,
  output: number,
): Float32Array {
  const { learningRate } = workspace.job.params
  const leaves = nodes.flatMap((node, index) => (node.grown === undefined ? [{ node, index }] : []))
  const steps = stepsOf(
    workspace,
    team,
    leaves.map(({ node }) => node),
    scale,
    output,
  )
  const values = new Float32Array(nodes.length)
  for (const [i, { index }] of leaves.entries()) values[index] = learningRate * steps[i]!
  return values
}

function stepsOf(
  workspace: Workspace,
  team: ThreadTeam,
  leaves: readonly GrownNode[],
  scale: GradientScale,
  output: number,
): number[] {
  const { objective, params } = workspace.job
  if (objective.name === 'absolute' || objective.name === 'quantile') return renewed(workspace, team, leaves)
  const sums = scale.isCoarse
    ? exactSums(workspace, team, leaves, output)
    : leaves.map((leaf) => ({ gradient: leaf.gradient / scale.gradient, hessian: leaf.hessian / scale.hessian }))
  return sums.map(({ gradient, hessian }, i) => {
    const { extraL2, values } = leaves[i]!
    return newtonStep(gradient, hessian + params.l2 + extraL2, params.l1, values)
  })
}

function renewed({ job, layout }: Workspace, team: ThreadTeam, leaves: readonly GrownNode[]): number[] {
  const quantiles = team.run(
    'residualQuantile',
    leaves.map(({ begin, count }) => [layout.records + begin * RECORD_BYTES, count, job.objective.shape] as const),
    leaves.reduce((rows, { count }) => rows + count * 8, 0),
  )
  return leaves.map(({ values }, i) => Math.min(Math.max(quantiles[i]!, values.low), values.high))
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
