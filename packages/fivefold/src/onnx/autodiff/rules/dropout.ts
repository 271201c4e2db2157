import { floatAttribute } from '../../graph/attribute.ts'
import type { TypedNode } from '../../graph/typed-value.ts'
import type { GradientRule, Rewrite } from '../gradient-rule.ts'

/** Whether values are dropped: only training graphs say so, with a constant. */
export const isActiveDropout = ({ inputs }: TypedNode): boolean =>
  inputs[2] !== undefined && (inputs[2].constant === undefined || Number(inputs[2].constant.data[0]) !== 0)

/** Srivastava et al. 2014: what was kept, scaled by 1 / (1 - ratio). Outside training it changes nothing. */
export const dropout: Rewrite = ({ node, graph, ops }) => {
  if (!isActiveDropout(node)) return { outputs: [node.inputs[0]] }
  const [y, mask] = graph.nodeWithOutputs('Dropout', 2, node.inputs, node.attributes)
  const gradient: GradientRule = ({ outputGradients: [dy] }) => {
    const ratio = node.inputs[1] ?? ops.scalar(floatAttribute(node.attributes, 'ratio', 0.5), dy!)
    const kept = ops.div(dy!, ops.oneMinus(ops.cast(ratio, dy!.type)))
    return [ops.where(mask!, kept, ops.scalar(0, dy!))]
  }
  return { outputs: [y, mask], gradient }
}
