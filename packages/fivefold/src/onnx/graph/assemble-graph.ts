import { createConstantPool } from '../builder/constant-pool.ts'
import type { OperatorName } from '../operators/catalogue.ts'
import type { TensorLiteral } from '../tensor.ts'
import { initializerOf, type OnnxGraph, type OnnxNode } from './model.ts'
import type { TypedNode, TypedValue } from './typed-value.ts'

export interface GraphOutput {
  readonly name: string
  readonly value: TypedValue
}

/** The parts of a graph that its outputs need: nodes in order, constants stored once, outputs under their names. */
export function assembleGraph(
  nodes: readonly TypedNode[],
  outputs: readonly GraphOutput[],
  weights: ReadonlyMap<string, TensorLiteral>,
  names: Iterable<string>,
): Pick<OnnxGraph, 'nodes' | 'initializers' | 'outputs'> {
  const used = usedNodes(nodes, outputs)
  const constants = createConstantPool(constantPrefix([...names, ...outputs.map(({ name }) => name)]))
  const storedNames = new Map<string, string>()
  for (const value of [...used.flatMap((node) => node.inputs), ...outputs.map((output) => output.value)]) {
    if (value?.constant && !storedNames.has(value.name)) storedNames.set(value.name, constants.add(value.constant).name)
  }
  const { renamed, identities } = nameOutputs(used, outputs)
  const read = new Set(
    [...used.flatMap((node) => node.inputs), ...outputs.map(({ value }) => value)].map((value) => value?.name),
  )
  const nameOf = (value: TypedValue | undefined): string =>
    value === undefined ? '' : (renamed.get(value.name) ?? storedNames.get(value.name) ?? value.name)
  const weightNames = new Set(used.flatMap((node) => node.inputs.map((input) => input?.name)))
  for (const { value } of outputs) weightNames.add(value.name)
  return {
    nodes: [
      ...used.map((node) => toOnnxNode(withoutUnread(node, read), nameOf)),
      ...identities.map((output) => identityNode(output, nameOf)),
    ],
    initializers: [...[...weights].filter(([name]) => weightNames.has(name)), ...constants.entries()].map(
      ([name, literal]) => initializerOf(name, literal),
    ),
    outputs: outputs.map(({ name, value }) => ({ name, type: value.type, shape: value.shape })),
  }
}

/** No constant may take a name that is in use. */
function constantPrefix(names: readonly string[]): string {
  let prefix = '/constant_'
  while (names.some((name) => name.startsWith(prefix))) prefix = `/${prefix}`
  return prefix
}

/** Nodes that an output depends on; walking backwards meets every reader before its source. */
function usedNodes(nodes: readonly TypedNode[], outputs: readonly GraphOutput[]): TypedNode[] {
  const wanted = new Set(outputs.map(({ value }) => value.name))
  const used: TypedNode[] = []
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((output) => output !== undefined && wanted.has(output.name))) continue
    used.push(node)
    for (const input of node.inputs) if (input !== undefined) wanted.add(input.name)
  }
  return used.reverse()
}

/** The node that makes an output takes over its name, which saves an Identity; inputs, constants and repeats need one. */
function nameOutputs(
  nodes: readonly TypedNode[],
  outputs: readonly GraphOutput[],
): { renamed: Map<string, string>; identities: GraphOutput[] } {
  const produced = new Set(nodes.flatMap((node) => node.outputs.map((output) => output?.name)))
  const renamed = new Map<string, string>()
  const identities: GraphOutput[] = []
  for (const output of outputs) {
    if (produced.has(output.value.name) && !renamed.has(output.value.name)) renamed.set(output.value.name, output.name)
    else identities.push(output)
  }
  const taken = new Set(outputs.map(({ name }) => name))
  for (const name of produced)
    if (name !== undefined && taken.has(name) && !renamed.has(name)) renamed.set(name, freeName(name, produced, taken))
  return { renamed, identities }
}

/** For an inner value whose name an output wants. */
function freeName(name: string, ...taken: readonly ReadonlySet<string | undefined>[]): string {
  let free = `${name}_inner`
  while (taken.some((names) => names.has(free))) free += '_'
  return free
}

/** Operators whose outputs but the first may be left out; kernels are quicker without (MaxPool finds no positions then). */
const OPTIONAL_OUTPUTS: ReadonlySet<OperatorName> = new Set<OperatorName>([
  ...(['MaxPool', 'Dropout', 'LayerNormalization', 'SimplifiedLayerNormalization', 'LSTM', 'GRU', 'RNN'] as const),
  ...(['SoftmaxCrossEntropyLoss', 'com.microsoft.SkipLayerNormalization'] as const),
  ...(['com.microsoft.Attention', 'com.microsoft.MultiHeadAttention'] as const),
])

function withoutUnread(node: TypedNode, read: ReadonlySet<string | undefined>): TypedNode {
  if (!OPTIONAL_OUTPUTS.has(node.op)) return node
  const outputs = node.outputs.map((output, i) => (i === 0 || read.has(output?.name) ? output : undefined))
  return { ...node, outputs: outputs.slice(0, outputs.findLastIndex((output) => output !== undefined) + 1) }
}

type NameOf = (value: TypedValue | undefined) => string

function toOnnxNode({ name, op, attributes, inputs, outputs }: TypedNode, nameOf: NameOf): OnnxNode {
  const at = op.lastIndexOf('.')
  return {
    name,
    op: op.slice(at + 1),
    domain: at < 0 ? '' : op.slice(0, at),
    inputs: inputs.map(nameOf),
    outputs: outputs.map(nameOf),
    attributes,
  }
}

const identityNode = (output: GraphOutput, nameOf: NameOf): OnnxNode => ({
  name: `Identity_${output.name}`,
  op: 'Identity',
  domain: '',
  inputs: [nameOf(output.value)],
  outputs: [output.name],
  attributes: {},
})

/** The operator sets that the nodes come from; com.microsoft has one version. */
export function opsetsOf(nodes: readonly TypedNode[], opset: number): Record<string, number> {
  const contributed = nodes.some(({ op }) => op.startsWith('com.microsoft.'))
  return contributed ? { '': opset, 'com.microsoft': 1 } : { '': opset }
}
