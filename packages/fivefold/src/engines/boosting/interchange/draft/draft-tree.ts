import { FivefoldError } from '../../../../core/index.ts'
import type { CategorySets, Trees } from '../../model/trees.ts'

/** A tree as other libraries' files are read into it, before it is laid flat. Subtrees may be shared. */
export type Draft = DraftLeaf | DraftSplit

export interface DraftLeaf {
  readonly value: number
  readonly cover: number
}

export interface DraftSplit {
  readonly feature: number
  /** Values at most this go left. */
  readonly threshold: number
  /** Category codes, in a split by category. */
  readonly members?: Members
  /** Whether members go left. */
  readonly membersLeft?: boolean
  readonly missingLeft: boolean
  readonly left: Draft
  readonly right: Draft
  readonly gain: number
  readonly cover: number
}

/** A set of category codes as bits: bit c % 32 of word c / 32 is category c. */
export type Members = Uint32Array

export interface DraftTree {
  readonly root: Draft
  readonly output: number
}

/** Writing shared subtrees out may take so many times the nodes, and any tree at least so many. */
const MAX_GROWTH = 8
const LEAST_ROOM = 2 ** 16
/** Most words of all sets: 128 MiB. */
const MAX_SET_WORDS = 2 ** 25

/**
 * Lays trees flat, level by level, so that children follow their parents.
 * @throws MODEL_UNSUPPORTED where shared subtrees or sets of categories would take too much memory
 */
export function treesFromDrafts(drafts: readonly DraftTree[]): Trees {
  const room = LEAST_ROOM + MAX_GROWTH * drafts.reduce((count, { root }) => count + countNodes(root), 0)
  const nodes: Draft[] = []
  const lefts: number[] = []
  const starts = [0]
  for (const { root } of drafts) {
    const begin = nodes.length
    nodes.push(root)
    for (let at = begin; at < nodes.length; at++) {
      const node = nodes[at]!
      lefts.push(isSplit(node) ? nodes.length - begin : 0)
      if (isSplit(node)) nodes.push(node.left, node.right)
      if (nodes.length > room) throw tooLarge(`splits that only ${room} nodes and more could say here`)
    }
    starts.push(nodes.length)
  }
  const splits = nodes.map((node) => (isSplit(node) ? node : undefined))
  return {
    starts: Uint32Array.from(starts),
    output: Uint16Array.from(drafts, ({ output }) => output),
    feature: Int32Array.from(splits, (split) => split?.feature ?? -1),
    threshold: Float32Array.from(splits, (split) => split?.threshold ?? 0),
    missingLeft: Uint8Array.from(splits, (split) => (split?.missingLeft ? 1 : 0)),
    membersLeft: Uint8Array.from(splits, (split) => (split?.membersLeft ? 1 : 0)),
    left: Uint32Array.from(lefts),
    value: Float32Array.from(nodes, (node) => (isSplit(node) ? 0 : node.value)),
    gain: Float32Array.from(splits, (split) => split?.gain ?? 0),
    cover: Float64Array.from(nodes, ({ cover }) => cover),
    ...collectSets(splits),
  }
}

/** Nodes of a tree, shared ones once. */
function countNodes(root: Draft): number {
  const nodes = new Set<Draft>([root])
  for (const node of nodes) if (isSplit(node)) nodes.add(node.left).add(node.right)
  return nodes.size
}

export function isSplit(node: Draft): node is DraftSplit {
  return 'left' in node
}

function collectSets(splits: readonly (DraftSplit | undefined)[]): { categorySet: Int32Array; sets: CategorySets } {
  const starts = [0]
  const numbers = new Map<Members, number>()
  for (const split of splits) {
    if (split?.members === undefined || numbers.has(split.members)) continue
    numbers.set(split.members, numbers.size)
    starts.push(starts.at(-1)! + split.members.length)
  }
  if (starts.at(-1)! > MAX_SET_WORDS) throw tooLarge('sets of categories beyond 128 MiB')
  const words = new Uint32Array(starts.at(-1)!)
  for (const [members, number] of numbers) words.set(members, starts[number])
  const categorySet = Int32Array.from(splits, (split) => (split?.members ? numbers.get(split.members)! : -1))
  return { categorySet, sets: { starts: Uint32Array.from(starts), words } }
}

/**
 * The set of some category codes.
 * @throws MODEL_UNREADABLE where a code is no code
 */
export function membersOf(codes: ArrayLike<number>): Members {
  let most = -1
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!
    if (!Number.isInteger(code) || code < 0 || code > MAX_CODE)
      throw new FivefoldError('MODEL_UNREADABLE', `${code} is not a category code from 0 to ${MAX_CODE}`)
    most = Math.max(most, code)
  }
  const words = new Uint32Array(Math.floor(most / 32) + 1)
  for (let i = 0; i < codes.length; i++) words[Math.floor(codes[i]! / 32)]! |= 1 << (codes[i]! % 32)
  return words
}

/** Float32 holds no larger integers one by one. */
const MAX_CODE = 2 ** 24

function tooLarge(what: string): FivefoldError {
  return new FivefoldError('MODEL_UNSUPPORTED', `the model has ${what}`)
}
