// Rows lie feature by feature in blocks of 64: value r of a feature is 4 r bytes behind the feature's offset, so that rows
// side by side differ by a constant in their loads. Every split asks `value >= bound`, which is false for NaN; where NaN
// has to take the other side, the split asks its question of the negated feature. So NaN costs nothing.
//
// A pointer node has 16 bytes: bound f32; byte offset of the feature; byte offset of the child for 'no' (the one for 'yes'
// follows it); value of a leaf f32. A leaf asks against NaN and is its own child: rows that arrive early wait there.
// In trees that split by category the last word of a node is the address of a set of codes as bits, and the value of a leaf
// stands in an array of its own, by the number of the node. A split by category has NaN as bound and bit 0 of its second word
// set; its column holds codes as u32. The other nodes have an empty set. So both questions are asked of every node, without
// branches.

const GROUP: u32 = 8

/**
 * Adds the leaf values of pointer trees to `scores` (f64) of `rowCount` rows; rows up to a multiple of eight are walked and
 * scored too. `trees` lists byte offset of the root and depth of each tree. All eight rows take `depth` steps, side by side
 * without branches, so that their loads overlap.
 */
export function predictRows(
  block: usize,
  rowCount: u32,
  nodes: usize,
  trees: usize,
  treeCount: u32,
  scores: usize,
): void {
  for (let t: u32 = 0; t < treeCount; t++) {
    const root = nodes + <usize>load<u32>(trees + (<usize>t << 3))
    const depth = load<u32>(trees + (<usize>t << 3), 4)
    for (let row: u32 = 0; row < rowCount; row += GROUP) {
      const x = block + (<usize>row << 2)
      let n0 = root
      let n1 = root
      let n2 = root
      let n3 = root
      let n4 = root
      let n5 = root
      let n6 = root
      let n7 = root
      for (let step: u32 = 0; step < depth; step++) {
        n0 = nextNode(nodes, n0, x)
        n1 = nextNode(nodes, n1, x + 4)
        n2 = nextNode(nodes, n2, x + 8)
        n3 = nextNode(nodes, n3, x + 12)
        n4 = nextNode(nodes, n4, x + 16)
        n5 = nextNode(nodes, n5, x + 20)
        n6 = nextNode(nodes, n6, x + 24)
        n7 = nextNode(nodes, n7, x + 28)
      }
      const score = scores + (<usize>row << 3)
      addTo(score, load<f32>(n0, 12))
      addTo(score + 8, load<f32>(n1, 12))
      addTo(score + 16, load<f32>(n2, 12))
      addTo(score + 24, load<f32>(n3, 12))
      addTo(score + 32, load<f32>(n4, 12))
      addTo(score + 40, load<f32>(n5, 12))
      addTo(score + 48, load<f32>(n6, 12))
      addTo(score + 56, load<f32>(n7, 12))
    }
  }
}

/** As `predictRows`, for trees that split by category too. */
export function predictRowsByCategory(
  block: usize,
  rowCount: u32,
  nodes: usize,
  trees: usize,
  treeCount: u32,
  values: usize,
  scores: usize,
): void {
  for (let t: u32 = 0; t < treeCount; t++) {
    const root = nodes + <usize>load<u32>(trees + (<usize>t << 3))
    const depth = load<u32>(trees + (<usize>t << 3), 4)
    for (let row: u32 = 0; row < rowCount; row += 4) {
      const x = block + (<usize>row << 2)
      let n0 = root
      let n1 = root
      let n2 = root
      let n3 = root
      for (let step: u32 = 0; step < depth; step++) {
        n0 = nextNodeByCategory(nodes, n0, x)
        n1 = nextNodeByCategory(nodes, n1, x + 4)
        n2 = nextNodeByCategory(nodes, n2, x + 8)
        n3 = nextNodeByCategory(nodes, n3, x + 12)
      }
      const score = scores + (<usize>row << 3)
      addTo(score, valueOf(nodes, n0, values))
      addTo(score + 8, valueOf(nodes, n1, values))
      addTo(score + 16, valueOf(nodes, n2, values))
      addTo(score + 24, valueOf(nodes, n3, values))
    }
  }
}

/**
 * As `predictRows`, for full trees of one depth without pointers: node i (from 1) of a tree is eight bytes (bound f32, byte
 * offset of the feature) at 8 i, its children are 2 i and 2 i + 1, and the leaves follow the nodes as f32. A tree takes
 * 12 x 2^depth bytes.
 */
export function predictRowsInHeaps(
  block: usize,
  rowCount: u32,
  heaps: usize,
  depth: u32,
  treeCount: u32,
  scores: usize,
): void {
  const size: u32 = 12 << depth
  const leafOffset: u32 = 4 << depth
  for (let t: u32 = 0; t < treeCount; t++, heaps += size) {
    const leaves = heaps + leafOffset
    for (let row: u32 = 0; row < rowCount; row += GROUP) {
      const x = block + (<usize>row << 2)
      let i0: u32 = 1
      let i1: u32 = 1
      let i2: u32 = 1
      let i3: u32 = 1
      let i4: u32 = 1
      let i5: u32 = 1
      let i6: u32 = 1
      let i7: u32 = 1
      for (let step: u32 = 0; step < depth; step++) {
        i0 = nextInHeap(heaps, i0, x)
        i1 = nextInHeap(heaps, i1, x + 4)
        i2 = nextInHeap(heaps, i2, x + 8)
        i3 = nextInHeap(heaps, i3, x + 12)
        i4 = nextInHeap(heaps, i4, x + 16)
        i5 = nextInHeap(heaps, i5, x + 20)
        i6 = nextInHeap(heaps, i6, x + 24)
        i7 = nextInHeap(heaps, i7, x + 28)
      }
      const score = scores + (<usize>row << 3)
      addTo(score, load<f32>(leaves + (<usize>i0 << 2)))
      addTo(score + 8, load<f32>(leaves + (<usize>i1 << 2)))
      addTo(score + 16, load<f32>(leaves + (<usize>i2 << 2)))
      addTo(score + 24, load<f32>(leaves + (<usize>i3 << 2)))
      addTo(score + 32, load<f32>(leaves + (<usize>i4 << 2)))
      addTo(score + 40, load<f32>(leaves + (<usize>i5 << 2)))
      addTo(score + 48, load<f32>(leaves + (<usize>i6 << 2)))
      addTo(score + 56, load<f32>(leaves + (<usize>i7 << 2)))
    }
  }
}

/** Score of the first row of a block: four trees are walked side by side, and added in order. */
export function predictRow(block: usize, nodes: usize, trees: usize, treeCount: u32, base: f64): f64 {
  let score = base
  let t: u32 = 0
  for (; t + 4 <= treeCount; t += 4, trees += 32) {
    let n0 = nodes + <usize>load<u32>(trees)
    let n1 = nodes + <usize>load<u32>(trees, 8)
    let n2 = nodes + <usize>load<u32>(trees, 16)
    let n3 = nodes + <usize>load<u32>(trees, 24)
    const depth = max(max(load<u32>(trees, 4), load<u32>(trees, 12)), max(load<u32>(trees, 20), load<u32>(trees, 28)))
    for (let step: u32 = 0; step < depth; step++) {
      n0 = nextNode(nodes, n0, block)
      n1 = nextNode(nodes, n1, block)
      n2 = nextNode(nodes, n2, block)
      n3 = nextNode(nodes, n3, block)
    }
    score += <f64>load<f32>(n0, 12)
    score += <f64>load<f32>(n1, 12)
    score += <f64>load<f32>(n2, 12)
    score += <f64>load<f32>(n3, 12)
  }
  for (; t < treeCount; t++, trees += 8) {
    let node = nodes + <usize>load<u32>(trees)
    const depth = load<u32>(trees, 4)
    for (let step: u32 = 0; step < depth; step++) node = nextNode(nodes, node, block)
    score += <f64>load<f32>(node, 12)
  }
  return score
}

/** As `predictRow`, for trees that split by category too. */
export function predictRowByCategory(
  block: usize,
  nodes: usize,
  trees: usize,
  treeCount: u32,
  values: usize,
  base: f64,
): f64 {
  let score = base
  let t: u32 = 0
  for (; t + 4 <= treeCount; t += 4, trees += 32) {
    let n0 = nodes + <usize>load<u32>(trees)
    let n1 = nodes + <usize>load<u32>(trees, 8)
    let n2 = nodes + <usize>load<u32>(trees, 16)
    let n3 = nodes + <usize>load<u32>(trees, 24)
    const depth = max(max(load<u32>(trees, 4), load<u32>(trees, 12)), max(load<u32>(trees, 20), load<u32>(trees, 28)))
    for (let step: u32 = 0; step < depth; step++) {
      n0 = nextNodeByCategory(nodes, n0, block)
      n1 = nextNodeByCategory(nodes, n1, block)
      n2 = nextNodeByCategory(nodes, n2, block)
      n3 = nextNodeByCategory(nodes, n3, block)
    }
    score += <f64>valueOf(nodes, n0, values)
    score += <f64>valueOf(nodes, n1, values)
    score += <f64>valueOf(nodes, n2, values)
    score += <f64>valueOf(nodes, n3, values)
  }
  for (; t < treeCount; t++, trees += 8) {
    let node = nodes + <usize>load<u32>(trees)
    const depth = load<u32>(trees, 4)
    for (let step: u32 = 0; step < depth; step++) node = nextNodeByCategory(nodes, node, block)
    score += <f64>valueOf(nodes, node, values)
  }
  return score
}

/** As `predictRow`, for heaps; eight trees at a time. */
export function predictRowInHeaps(block: usize, heaps: usize, depth: u32, treeCount: u32, base: f64): f64 {
  const size: u32 = 12 << depth
  const leafOffset: u32 = 4 << depth
  let score = base
  let t: u32 = 0
  for (; t + 8 <= treeCount; t += 8, heaps += size << 3) {
    const h1 = heaps + size
    const h2 = h1 + size
    const h3 = h2 + size
    const h4 = h3 + size
    const h5 = h4 + size
    const h6 = h5 + size
    const h7 = h6 + size
    let i0: u32 = 1
    let i1: u32 = 1
    let i2: u32 = 1
    let i3: u32 = 1
    let i4: u32 = 1
    let i5: u32 = 1
    let i6: u32 = 1
    let i7: u32 = 1
    for (let step: u32 = 0; step < depth; step++) {
      i0 = nextInHeap(heaps, i0, block)
      i1 = nextInHeap(h1, i1, block)
      i2 = nextInHeap(h2, i2, block)
      i3 = nextInHeap(h3, i3, block)
      i4 = nextInHeap(h4, i4, block)
      i5 = nextInHeap(h5, i5, block)
      i6 = nextInHeap(h6, i6, block)
      i7 = nextInHeap(h7, i7, block)
    }
    score += <f64>load<f32>(heaps + leafOffset + (<usize>i0 << 2))
    score += <f64>load<f32>(h1 + leafOffset + (<usize>i1 << 2))
    score += <f64>load<f32>(h2 + leafOffset + (<usize>i2 << 2))
    score += <f64>load<f32>(h3 + leafOffset + (<usize>i3 << 2))
    score += <f64>load<f32>(h4 + leafOffset + (<usize>i4 << 2))
    score += <f64>load<f32>(h5 + leafOffset + (<usize>i5 << 2))
    score += <f64>load<f32>(h6 + leafOffset + (<usize>i6 << 2))
    score += <f64>load<f32>(h7 + leafOffset + (<usize>i7 << 2))
  }
  for (; t < treeCount; t++, heaps += size) {
    let i: u32 = 1
    for (let step: u32 = 0; step < depth; step++) i = nextInHeap(heaps, i, block)
    score += <f64>load<f32>(heaps + leafOffset + (<usize>i << 2))
  }
  return score
}

// @ts-ignore: decorator
@inline
function addTo(score: usize, value: f32): void {
  store<f64>(score, load<f64>(score) + <f64>value)
}

// @ts-ignore: decorator
@inline
function nextNode(nodes: usize, node: usize, row: usize): usize {
  const yes = <u32>(load<f32>(row + load<u32>(node, 4)) >= load<f32>(node))
  return nodes + <usize>(load<u32>(node, 8) + (yes << 4))
}

// @ts-ignore: decorator
@inline
function nextInHeap(heap: usize, index: u32, row: usize): u32 {
  const node = heap + (<usize>index << 3)
  return (index << 1) + <u32>(load<f32>(row + load<u32>(node, 4)) >= load<f32>(node))
}

// @ts-ignore: decorator
@inline
function nextNodeByCategory(nodes: usize, node: usize, row: usize): usize {
  const word = load<u32>(node, 4)
  const value = load<u32>(row + (word & ~3))
  // Of other values than codes nothing is looked up but the first bit of an empty set.
  const code = value & (0 - (word & 1))
  const member = (load<u32>(<usize>load<u32>(node, 12) + (<usize>(code >> 5) << 2)) >> (code & 31)) & 1
  const yes = <u32>(reinterpret<f32>(value) >= load<f32>(node)) | member
  return nodes + <usize>(load<u32>(node, 8) + (yes << 4))
}

// @ts-ignore: decorator
@inline
function valueOf(nodes: usize, node: usize, values: usize): f32 {
  return load<f32>(values + ((node - nodes) >> 2))
}
