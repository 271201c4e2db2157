import { BIN_SET_BYTES, NODE_BYTES, RECORD_BYTES, type RowsLayout } from '../kernels/memory-layout.ts'
import type { ThreadTeam } from '../kernels/thread-team.ts'
import type { Workspace } from '../kernels/workspace.ts'
import { rowChunks } from '../loss/gradients.ts'
import type { ValuedTree } from '../model/tree-list.ts'

/** Adds a tree to the training scores: to the rows of its leaves directly, to rows outside the sample by descent. */
export function addToTrainingScores(
  workspace: Workspace,
  team: ThreadTeam,
  tree: ValuedTree,
  output: number,
  sampleCount: number,
): void {
  const { layout } = workspace
  const { rowCount, outputBytes } = layout.train
  const scores = layout.train.scores + output * outputBytes
  const calls = tree.nodes.flatMap((node, i) => {
    if (node.grown !== undefined) return []
    const records = layout.records + node.begin * RECORD_BYTES
    return [[scores, records, node.count, tree.values[i]!] as [number, number, number, number]]
  })
  team.run('addLeafValue', calls, sampleCount)
  if (sampleCount === rowCount) return
  writeNodes(workspace, tree)
  const outside = rowChunks(rowCount - sampleCount).map(([begin, end]) => [begin + sampleCount, end + sampleCount])
  descend(workspace, team, layout.train, layout.records, outside as [number, number][], scores)
}

/** Adds a tree to the scores of the validation rows. */
export function addToValidationScores(workspace: Workspace, team: ThreadTeam, tree: ValuedTree, output: number): void {
  const rows = workspace.layout.validation!
  writeNodes(workspace, tree)
  descend(workspace, team, rows, 0, rowChunks(rows.rowCount), rows.scores + output * rows.outputBytes)
}

function descend(
  { layout }: Workspace,
  team: ThreadTeam,
  rows: RowsLayout,
  records: number,
  ranges: readonly [number, number][],
  scores: number,
): void {
  team.run(
    'addTreeToScores',
    ranges.map(([begin, end]) => [
      ...([rows.columnBins, rows.rowCount, layout.nodes, layout.nodeSets, records, begin, end, scores] as const),
    ]),
    ranges.reduce((sum, [begin, end]) => sum + end - begin, 0) * 4,
  )
}

/** Writes a tree in the form that the kernel walks: value, feature, bin and missing side, left child. */
function writeNodes({ layout, float32, int32, uint32 }: Workspace, tree: ValuedTree): void {
  for (const [i, { grown }] of tree.nodes.entries()) {
    const at = (layout.nodes + i * NODE_BYTES) / 4
    float32[at] = tree.values[i]!
    int32[at + 1] = grown?.split.feature ?? -1
    if (grown === undefined) continue
    const { bin, missingLeft, leftBins } = grown.split
    uint32[at + 2] = bin | (Number(missingLeft) << 8) | (Number(leftBins !== undefined) << 9)
    if (leftBins !== undefined) uint32.set(leftBins, (layout.nodeSets + i * BIN_SET_BYTES) / 4)
    uint32[at + 3] = grown.left
  }
}
