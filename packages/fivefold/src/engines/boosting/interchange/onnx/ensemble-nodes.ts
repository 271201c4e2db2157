import { FivefoldError } from '../../../../core/index.ts'
import type { Attribute, OnnxNode } from '../../../../onnx/index.ts'

/** Attributes of a TreeEnsembleRegressor or -Classifier, of one length for nodes and of one for weights. */
export interface EnsembleNodes {
  readonly tree: readonly number[]
  readonly id: readonly number[]
  readonly feature: readonly number[]
  readonly mode: readonly string[]
  readonly value: ArrayLike<number>
  readonly whenTrue: readonly number[]
  readonly whenFalse: readonly number[]
  readonly missingIsTrue: readonly number[]
  readonly weights: {
    readonly tree: readonly number[]
    readonly node: readonly number[]
    /** Target or class. */
    readonly output: readonly number[]
    readonly value: ArrayLike<number>
  }
}

/** @throws MODEL_UNREADABLE where lists are missing or differ in length */
export function ensembleNodes({ attributes, op }: OnnxNode): EnsembleNodes {
  const [kind, idName] = op === 'TreeEnsembleClassifier' ? ['class', 'class_ids'] : ['target', 'target_ids']
  const tree = intsAt(attributes, 'nodes_treeids')
  const count = tree.length
  const weightTree = intsAt(attributes, `${kind}_treeids`)
  const weightCount = weightTree.length
  return {
    tree,
    id: intsAt(attributes, 'nodes_nodeids', count),
    feature: intsAt(attributes, 'nodes_featureids', count),
    mode: textsAt(attributes, 'nodes_modes', count),
    value: floatsAt(attributes, 'nodes_values', count),
    whenTrue: intsAt(attributes, 'nodes_truenodeids', count),
    whenFalse: intsAt(attributes, 'nodes_falsenodeids', count),
    missingIsTrue: optionalIntsAt(attributes, 'nodes_missing_value_tracks_true', count),
    weights: {
      tree: weightTree,
      node: intsAt(attributes, `${kind}_nodeids`, weightCount),
      output: intsAt(attributes, idName!, weightCount),
      value: floatsAt(attributes, `${kind}_weights`, weightCount),
    },
  }
}

type Attributes = Readonly<Record<string, Attribute>>

function intsAt(attributes: Attributes, name: string, length?: number): number[] {
  const attribute = attributes[name]
  if (attribute === undefined || !('ints' in attribute)) throw unreadable(`${name} is missing`)
  return checked(attribute.ints.map(Number), name, length)
}

function optionalIntsAt(attributes: Attributes, name: string, length: number): readonly number[] {
  const attribute = attributes[name]
  const isEmpty = attribute === undefined || ('ints' in attribute && attribute.ints.length === 0)
  return isEmpty ? new Array<number>(length).fill(0) : intsAt(attributes, name, length)
}

export function textsAt(attributes: Attributes, name: string, length?: number): readonly string[] {
  const attribute = attributes[name]
  if (attribute === undefined || !('strings' in attribute)) throw unreadable(`${name} is missing`)
  return checked(attribute.strings, name, length)
}

export function floatsAt(attributes: Attributes, name: string, length?: number): ArrayLike<number> {
  const attribute = attributes[name]
  if (attribute === undefined || !('floats' in attribute)) throw unreadable(`${name} is missing`)
  return checked(attribute.floats, name, length)
}

function checked<List extends ArrayLike<unknown>>(list: List, name: string, length: number | undefined): List {
  if (length === undefined || list.length === length) return list
  throw unreadable(`${name} has ${list.length} values, expected ${length}`)
}

function unreadable(reason: string): FivefoldError {
  return new FivefoldError('MODEL_UNREADABLE', `the tree ensemble cannot be read: ${reason}`)
}
