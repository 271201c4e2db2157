import { FivefoldError } from '../../../../core/index.ts'
import type { Draft } from '../draft/draft-tree.ts'
import { asFields, type Fields, fieldsAt, listAt, numberAt, numbersAt } from '../draft/fields.ts'
import { linkNodes } from '../draft/link-nodes.ts'
import type { CatboostFeatures } from './features.ts'

/** CatBoost grows no deeper. */
const MAX_LEVELS = 16

/** How many values a leaf has, before any tree is read. */
export interface LeafShape {
  readonly outputCount: number
  readonly scale: number
}

/**
 * A tree whose levels ask one question each. Bit i of a leaf's number is the answer of level i.
 * @returns one tree an output
 */
export function readObliviousTree(tree: Fields, path: string, features: CatboostFeatures, shape: LeafShape): Draft[] {
  const { outputCount, scale } = shape
  const questions = listAt(tree, 'splits', path).map((split, i) => {
    const at = `${path}.splits[${i}]`
    return features.questionOf(asFields(split, at), at)
  })
  if (questions.length > MAX_LEVELS)
    throw new FivefoldError('MODEL_UNREADABLE', `${path} has ${questions.length} levels`)
  const leafCount = 2 ** questions.length
  const values = numbersAt(tree, 'leaf_values', path, leafCount * outputCount)
  const weights =
    'leaf_weights' in tree ? numbersAt(tree, 'leaf_weights', path, leafCount) : new Float64Array(leafCount)
  const draftOf = (output: number, level: number, leaf: number): Draft => {
    if (level === questions.length)
      return { value: values[leaf * outputCount + output]! * scale, cover: weights[leaf]! }
    const left = draftOf(output, level + 1, leaf)
    const right = draftOf(output, level + 1, leaf + 2 ** level)
    return { ...questions[level]!, left, right, gain: 0, cover: left.cover + right.cover }
  }
  return Array.from({ length: outputCount }, (_, output) => draftOf(output, 0, 0))
}

/**
 * A tree of nodes within nodes, as growing by depth or by leaf leaves it.
 * @returns one tree an output
 */
export function readNestedTree(tree: Fields, path: string, features: CatboostFeatures, shape: LeafShape): Draft[] {
  const nodes: Fields[] = [tree]
  const firstChild: number[] = []
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i]!
    firstChild.push('split' in node ? nodes.length : -1)
    if ('split' in node) nodes.push(fieldsAt(node, 'left', path), fieldsAt(node, 'right', path))
  }
  const children = (node: number): readonly [number, number] | undefined =>
    firstChild[node] === -1 ? undefined : [firstChild[node]!, firstChild[node]! + 1]
  return Array.from({ length: shape.outputCount }, (_, output) =>
    linkNodes({
      name: path,
      count: nodes.length,
      childrenOf: children,
      draftOf(number, linked) {
        const node = nodes[number]!
        if (linked === undefined)
          return { value: leafValue(node, path, output, shape), cover: numberAt(node, 'weight', path, 0) }
        const [left, right] = linked
        const question = features.questionOf(fieldsAt(node, 'split', path), path)
        return { ...question, left, right, gain: 0, cover: left.cover + right.cover }
      },
    }),
  )
}

function leafValue(leaf: Fields, path: string, output: number, { outputCount, scale }: LeafShape): number {
  if (outputCount === 1 && typeof leaf.value === 'number') return leaf.value * scale
  return numbersAt(leaf, 'value', path, outputCount)[output]! * scale
}
