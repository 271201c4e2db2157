import { FivefoldError } from '../../core/index.ts'
import type { Attributes } from '../graph/attribute.ts'
import { initializerOf, type OnnxNode, type OnnxValue } from '../graph/model.ts'
import { encodeModel } from '../protobuf/model-proto.ts'
import type { Dimension, ElementType } from '../tensor.ts'
import type { GraphBuilder, NodeOptions, ValueRef } from './builder.ts'
import { createConstantPool } from './constant-pool.ts'

/**
 * IR 8 with opset 17 is ONNX 1.12 (2022), old enough for serving images in use; nothing that graphs here need came later.
 * The feature graphs were run with ONNX Runtime 1.15.1, 1.17.3, 1.30.0 and 1.32.0.
 */
const IR_VERSION = 8
const DEFAULT_OPSET = 17

/**
 * ai.onnx.ml 3 has LabelEncoder from strings to floats and tree ensembles over doubles; 4 would add doubles to
 * LabelEncoder, which nothing here needs, and asks for a newer runtime. com.microsoft has one version.
 */
const DOMAIN_OPSETS = { 'ai.onnx.ml': 3, 'com.microsoft': 1 } as const

export interface GraphBuilderOptions {
  readonly name: string
  /** Version of the standard operator set. Default 17. */
  readonly opset?: number
}

/** Starts an empty graph. Every method throws GRAPH_INVALID naming the node where names clash or inputs are unknown. */
export function createGraphBuilder(options: GraphBuilderOptions): GraphBuilder {
  const opset = options.opset ?? DEFAULT_OPSET
  const inputs: OnnxValue[] = []
  const outputs: (OnnxValue & { source: string })[] = []
  const nodes: OnnxNode[] = []
  const known = new Set<string>()
  const pool = createConstantPool()

  const declare = (name: string, place: string): ValueRef => {
    if (name === '') throw invalid(`${place} has an empty name`)
    if (known.has(name)) throw invalid(`${place}: the name '${name}' is taken`)
    known.add(name)
    return name as ValueRef
  }

  const nodeWithOutputs = (
    op: string,
    outputCount: number,
    nodeInputs: readonly (ValueRef | undefined)[],
    attributes: Attributes = {},
    nodeOptions: NodeOptions = {},
  ): ValueRef[] => {
    const name = `/${nodeOptions.name ?? op}_${nodes.length}`
    for (const input of nodeInputs) {
      if (input !== undefined && !known.has(input)) throw invalid(`node '${name}' reads the unknown value '${input}'`)
    }
    const results = Array.from({ length: outputCount }, (_, i) =>
      declare(outputCount === 1 ? name : `${name}:${i}`, `node '${name}'`),
    )
    const inputNames = nodeInputs.map((input) => input ?? '')
    nodes.push({ name, op, domain: nodeOptions.domain ?? '', inputs: inputNames, outputs: results, attributes })
    return results
  }

  return {
    input(name, type, shape) {
      inputs.push({ name, type, shape })
      return declare(name, 'graph input')
    },
    constant(literal) {
      const { name, isNew } = pool.add(literal)
      return isNew ? declare(name, 'constant') : (name as ValueRef)
    },
    node: (op, nodeInputs, attributes, nodeOptions) => nodeWithOutputs(op, 1, nodeInputs, attributes, nodeOptions)[0]!,
    nodeWithOutputs,
    output(name, value, type, shape) {
      if (!known.has(value)) throw invalid(`graph output '${name}' is the unknown value '${value}'`)
      outputs.push({ ...outputRecord(declare(name, 'graph output'), type, shape), source: value })
    },
    build(metadata = {}) {
      if (outputs.length === 0) throw invalid(`graph '${options.name}' has no output`)
      const named = nameOutputs(nodes, outputs)
      const initializers = pool.entries().map(([constantName, literal]) => initializerOf(constantName, literal))
      return encodeModel(
        {
          irVersion: IR_VERSION,
          producer: 'fivefold',
          opsets: { '': opset, ...usedDomains(nodes) },
          graph: { name: options.name, inputs, outputs, nodes: named, initializers },
          metadata,
        },
        named.flatMap(innerTypesOf),
      )
    },
  }
}

const outputRecord = (name: string, type: ElementType, shape: readonly Dimension[]): OnnxValue => ({
  name,
  type,
  shape,
})

function usedDomains(nodes: readonly OnnxNode[]): Record<string, number> {
  return Object.fromEntries(
    Object.entries(DOMAIN_OPSETS).filter(([domain]) => nodes.some((node) => node.domain === domain)),
  )
}

/** The `onnx` package cannot infer types behind operators of another domain, and crashes on LabelEncoder over such. */
function innerTypesOf({ op, domain, outputs, attributes }: OnnxNode): [string, ElementType][] {
  if (domain !== 'com.microsoft') return []
  if (op === 'Tokenizer') return [[outputs[0]!, 'string']]
  if (op !== 'MurmurHash3') return []
  const { positive } = attributes
  const isSigned = positive !== undefined && 'int' in positive && Number(positive.int) === 0
  return [[outputs[0]!, isSigned ? 'int32' : 'uint32']]
}

/** The node that makes an output value takes the output's name, which saves an Identity; inputs and repeats need one. */
function nameOutputs(nodes: readonly OnnxNode[], outputs: readonly (OnnxValue & { source: string })[]): OnnxNode[] {
  const produced = new Set(nodes.flatMap((node) => node.outputs))
  const renamed = new Map<string, string>()
  const identities: OnnxNode[] = []
  for (const { name, source } of outputs) {
    if (produced.has(source) && !renamed.has(source)) renamed.set(source, name)
    else identities.push(identity(renamed.get(source) ?? source, name))
  }
  const rename = (value: string): string => renamed.get(value) ?? value
  return [
    ...nodes.map((node) => ({ ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) })),
    ...identities,
  ]
}

const identity = (source: string, name: string): OnnxNode => ({
  name: `/Identity_${name}`,
  op: 'Identity',
  domain: '',
  inputs: [source],
  outputs: [name],
  attributes: {},
})

function invalid(message: string): FivefoldError {
  return new FivefoldError('GRAPH_INVALID', message)
}
