import { createOperations, type TypedGraph, type TypedValue } from '../../../onnx/index.ts'

/** sum(w x) / sum(w) as a scalar; both have the same shape. 0 where all weights are 0. */
export function weightedMean(graph: TypedGraph, values: TypedValue, weights: TypedValue): TypedValue {
  const operations = createOperations(graph)
  const total = (value: TypedValue): TypedValue => operations.sum(value, [...value.shape.keys()])
  return operations.div(total(operations.mul(values, weights)), atLeastTiny(graph, total(weights)))
}

/** The smallest normal number in single precision. */
const TINY = 2 ** -126

/** A sum of weights to divide by: where nothing counts, sums over it are 0, and 0 / tiny is 0. */
export function atLeastTiny(graph: TypedGraph, total: TypedValue): TypedValue {
  const operations = createOperations(graph)
  return operations.node('Max', [total, operations.scalar(TINY, total)])
}

/** The mean of each row's values, weighted by row: values [N, ...], weights [N]. */
export function meanOfRows(graph: TypedGraph, values: TypedValue, rowWeight: TypedValue): TypedValue {
  const rest = [...values.shape.keys()].slice(1)
  return weightedMean(graph, createOperations(graph).mean(values, rest), rowWeight)
}
