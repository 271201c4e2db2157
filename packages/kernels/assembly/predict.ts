/**
 * Scores of `rowCount` rows, laid out row by row in `features` with `rowBytes` a row, as sums over the trees of one
 * output in doubles. Nodes are 16 bytes: threshold or leaf value f32, byte offset of the feature | missingLeft, index of
 * the left child (the right one follows it; a leaf points to itself), padding. All rows take `depth` steps in a tree, so
 * that four of them walk side by side without branches and their loads overlap.
 */
export function predictRows(
  features: usize,
  rowBytes: u32,
  rowCount: u32,
  nodes: usize,
  trees: usize,
  treeCount: u32,
  scores: usize,
): void {
  for (let t: u32 = 0; t < treeCount; t++) {
    const root = load<u32>(trees + (<usize>t << 3))
    const depth = load<u32>(trees + (<usize>t << 3), 4)
    for (let row: u32 = 0; row < rowCount; row += 4) {
      const x0 = features + <usize>row * rowBytes
      const x1 = x0 + rowBytes
      const x2 = x1 + rowBytes
      const x3 = x2 + rowBytes
      let n0 = nodes + (<usize>root << 4)
      let n1 = n0
      let n2 = n0
      let n3 = n0
      for (let step: u32 = 0; step < depth; step++) {
        n0 = nextNode(nodes, n0, x0)
        n1 = nextNode(nodes, n1, x1)
        n2 = nextNode(nodes, n2, x2)
        n3 = nextNode(nodes, n3, x3)
      }
      const score = scores + (<usize>row << 3)
      store<f64>(score, load<f64>(score) + <f64>load<f32>(n0))
      store<f64>(score, load<f64>(score, 8) + <f64>load<f32>(n1), 8)
      store<f64>(score, load<f64>(score, 16) + <f64>load<f32>(n2), 16)
      store<f64>(score, load<f64>(score, 24) + <f64>load<f32>(n3), 24)
    }
  }
}

// A leaf has its own index as left child and must never step right: its low bits say so (bit 0 missingLeft, bit 1 leaf).
// @ts-ignore: decorator
@inline
function nextNode(nodes: usize, node: usize, row: usize): usize {
  const word = load<u32>(node, 4)
  const value = load<f32>(row + (word & ~3))
  const threshold = load<f32>(node)
  const missing = <u32>(value != value) & ~word
  const right = (<u32>(value > threshold) | missing) & ~(word >> 1) & 1
  return nodes + (<usize>(load<u32>(node, 8) + right) << 4)
}
