import type { OnnxInitializer, OnnxModel, OnnxNode } from '../graph/model.ts'
import type { TensorLiteral } from '../tensor.ts'

/** Who makes and who reads each value of a model. */
export interface ModelIndex {
  /** The node whose output this is; undefined for inputs and weights. */
  makerOf(value: string): OnnxNode | undefined
  /** Whether exactly one input of one node reads it, and the graph does not give it away: it may vanish. */
  isReadOnce(value: string): boolean
  isOutput(value: string): boolean
  /** The content of a weight, which nobody can feed. */
  contentOf(value: string | undefined): TensorLiteral | undefined
  /** A name that no value has. */
  freshName(wanted: string): string
}

export function indexModel({ graph }: OnnxModel): ModelIndex {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)))
  makers.delete('')
  const readers = new Map<string, number>()
  for (const name of graph.nodes.flatMap(({ inputs }) => inputs)) readers.set(name, (readers.get(name) ?? 0) + 1)
  const outputs = new Set(graph.outputs.map(({ name }) => name))
  const weights = new Map(graph.initializers.map((weight) => [weight.name, weight]))
  const taken = new Set([...makers.keys(), ...weights.keys(), ...graph.inputs.map(({ name }) => name)])
  return {
    makerOf: (value) => makers.get(value),
    isReadOnce: (value) => readers.get(value) === 1 && !outputs.has(value),
    isOutput: (value) => outputs.has(value),
    contentOf: (value) => readable(weights.get(value ?? '')),
    freshName(wanted) {
      let name = wanted
      while (taken.has(name)) name += '_'
      taken.add(name)
      return name
    },
  }
}

const readable = (weight: OnnxInitializer | undefined): TensorLiteral | undefined =>
  weight === undefined || weight.type === 'unsupported' ? undefined : weight.read()
