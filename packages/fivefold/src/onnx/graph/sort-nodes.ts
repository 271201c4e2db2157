import { FivefoldError } from '../../core/index.ts'
import type { OnnxNode } from './model.ts'

/**
 * The nodes in an order in which every value is made before it is read (Kahn, 1962); the list itself where it is in order.
 * Throws GRAPH_INVALID naming the nodes of a cycle.
 */
export function sortNodes(nodes: readonly OnnxNode[]): readonly OnnxNode[] {
  const maker = new Map(nodes.flatMap((node, index) => node.outputs.map((name) => [name, index] as const)))
  maker.delete('')
  const sources = nodes.map(({ inputs }) => [...new Set(inputs.flatMap((name) => maker.get(name) ?? []))])
  if (sources.every((list, index) => list.every((source) => source < index))) return nodes
  const order = orderOf(sources)
  if (order.length === nodes.length) return order.map((index) => nodes[index]!)
  const cycle = cycleAmong(sources, new Set(order)).map((index) => `'${nodes[index]!.name || nodes[index]!.op}'`)
  throw new FivefoldError('GRAPH_INVALID', `the nodes ${cycle.join(' -> ')} feed each other in a circle`)
}

function orderOf(sources: readonly (readonly number[])[]): number[] {
  const waitingFor = sources.map((list) => list.length)
  const readers = sources.map((): number[] => [])
  for (const [index, list] of sources.entries()) for (const source of list) readers[source]!.push(index)
  const order = [...waitingFor.keys()].filter((index) => waitingFor[index] === 0)
  // The list grows while it is walked.
  for (const index of order) for (const reader of readers[index]!) if (--waitingFor[reader]! === 0) order.push(reader)
  return order
}

/** Every node that could not be ordered reads another such node, so walking back must meet one twice. */
function cycleAmong(sources: readonly (readonly number[])[], ordered: ReadonlySet<number>): number[] {
  const path: number[] = []
  let at = sources.findIndex((_, index) => !ordered.has(index))
  while (!path.includes(at)) {
    path.push(at)
    at = sources[at]!.find((source) => !ordered.has(source))!
  }
  return [...path.slice(path.indexOf(at)), at].reverse()
}
