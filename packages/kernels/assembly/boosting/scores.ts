/** Adds one leaf's value to the scores of its rows. */
export function addLeafValue(scores: usize, records: usize, count: u32, value: f32): void {
  for (let i: u32 = 0; i < count; i++) {
    const score = scores + (<usize>load<u32>(records + (<usize>i << 3)) << 2)
    store<f32>(score, load<f32>(score) + value)
  }
}

// @ts-ignore: decorator
@inline
function goesLeft(set: usize, bin: u32): u32 {
  return (load<u32>(set + <usize>((bin >> 5) << 2)) >> (bin & 31)) & 1
}

/**
 * Adds a tree's value to the scores of rows that were not partitioned by it: validation rows, or those outside the
 * sample. Nodes are 16 bytes: value f32, feature i32 (-1 for a leaf), bin | missingLeft << 8 | byCategory << 9, left child
 * (the right one follows it). In a split by category the 32 bytes of `sets` with the node's number hold a bit for each
 * bin, set where it goes left. Rows come from `records` where it is not 0, else they are [begin, end) themselves.
 */
export function addTreeToScores(
  columnBins: usize,
  rowCount: u32,
  nodes: usize,
  sets: usize,
  records: usize,
  begin: u32,
  end: u32,
  scores: usize,
): void {
  for (let i = begin; i < end; i++) {
    const row = records != 0 ? load<u32>(records + (<usize>i << 3)) : i
    let node = nodes
    for (let feature = load<i32>(node, 4); feature >= 0; feature = load<i32>(node, 4)) {
      const bin = <u32>load<u8>(columnBins + <usize>feature * rowCount + row)
      const split = load<u32>(node, 8)
      const right = split & 512
        ? 1 - goesLeft(sets + (node - nodes) * 2, bin)
        : <u32>(bin > (split & 255)) & (<u32>(bin != 255) | (~(split >> 8) & 1))
      node = nodes + (<usize>(load<u32>(node, 12) + right) << 4)
    }
    const score = scores + (<usize>row << 2)
    store<f32>(score, load<f32>(score) + load<f32>(node))
  }
}
