/** Sets of category codes as bits, one set after the other. Codes beyond a set's last word are not members. */
export interface CategorySets {
  /** Where the words of each set begin, and where the last one's end. */
  readonly starts: Uint32Array
  /** Bit c % 32 of word c / 32 is category c. */
  readonly words: Uint32Array
}

/** Trees one after the other in flat arrays. Children come after their parent. */
export interface Trees {
  /** Where each tree's nodes begin, and where the last one's end. A tree's first node is its root. */
  readonly starts: Uint32Array
  /** The output (class) that each tree adds to. */
  readonly output: Uint16Array
  /** Feature tested, -1 for a leaf. */
  readonly feature: Int32Array
  /** Values at most this go left; unused in splits by category. */
  readonly threshold: Float32Array
  /** Number of the set of a split by category, -1 where the split is by threshold. */
  readonly categorySet: Int32Array
  /** In a split by category: 1 where members of the set go left and all other values right, 0 the other way round. */
  readonly membersLeft: Uint8Array
  readonly sets: CategorySets
  /** 1 where missing values go left. */
  readonly missingLeft: Uint8Array
  /** Left child, counted from the root of the tree; the right child follows it. */
  readonly left: Uint32Array
  /** What a leaf adds to the score. */
  readonly value: Float32Array
  /** What a split gained, in the loss of the trainer's units. */
  readonly gain: Float32Array
  /** What reached the node in training: rows, or in a model from XGBoost their sum of hessians. */
  readonly cover: Float64Array
}

/**
 * The one rule by which a value chooses a side. Missing values, NaN, follow `missingLeft`; in a split by category so does
 * every value that is no code: negative, fractional or infinite.
 *
 * @param node counted over all trees; must be a split
 */
export function goesLeft(trees: Trees, node: number, value: number): boolean {
  const set = trees.categorySet[node]!
  if (set < 0) return Number.isNaN(value) ? trees.missingLeft[node] === 1 : value <= trees.threshold[node]!
  if (!Number.isInteger(value) || value < 0) return trees.missingLeft[node] === 1
  return hasCategory(trees.sets, set, value) === (trees.membersLeft[node] === 1)
}

/**
 * `goesLeft` of many values, 1 for left. Thresholds are most of all splits, and are compared without branches: which way
 * values go cannot be foreseen.
 */
export function findSides(trees: Trees, node: number, values: Float32Array, sides: Uint8Array): void {
  const threshold = trees.threshold[node]!
  if (trees.categorySet[node]! >= 0)
    for (let i = 0; i < values.length; i++) sides[i] = Number(goesLeft(trees, node, values[i]!))
  // Of the two comparisons with NaN, which are false both, each puts it to another side.
  else if (trees.missingLeft[node] === 1)
    for (let i = 0; i < values.length; i++) sides[i] = Number(!(values[i]! > threshold))
  else for (let i = 0; i < values.length; i++) sides[i] = Number(values[i]! <= threshold)
}

function hasCategory({ starts, words }: CategorySets, set: number, category: number): boolean {
  const word = starts[set]! + Math.floor(category / 32)
  return word < starts[set + 1]! && ((words[word]! >>> (category % 32)) & 1) === 1
}

export function joinSets(sets: readonly Uint32Array[]): CategorySets {
  const starts = Uint32Array.from({ length: sets.length + 1 })
  for (const [i, set] of sets.entries()) starts[i + 1] = starts[i]! + set.length
  const words = new Uint32Array(starts[sets.length]!)
  for (const [i, set] of sets.entries()) words.set(set, starts[i]!)
  return { starts, words }
}
