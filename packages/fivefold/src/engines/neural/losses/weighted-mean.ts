import { createOperations, type TypedGraph, type TypedValue } from '../../../onnx/index.ts'

/** sum(w x) / sum(w) as a scalar; both have the same shape. */
export function weightedMean(graph: TypedGraph, values: TypedValue, weights: TypedValue): TypedValue {
  const operations = createOperations(graph)
  const total = (value: TypedValue): TypedValue => operations.sum(value, [...value.shape.keys()])
  return operations.div(total(operations.mul(values, weights)), total(weights))
}

/** The mean of each row's values, weighted by row: values [N, ...], weights [N]. */
export function meanOfRows(graph: TypedGraph, values: TypedValue, rowWeight: TypedValue): TypedValue {
  const rest = [...values.shape.keys()].slice(1)
  return weightedMean(graph, createOperations(graph).mean(values, rest), rowWeight)
}
