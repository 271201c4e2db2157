/** The model that every server serves: a perceptron of 30 features with 64 and 32 hidden units. */
import { writeFileSync } from 'node:fs'
import { createTypedGraph, encodeModel, floats } from 'fivefold/onnx'

export const FEATURES = 30

export function writeMlp(path) {
  const graph = createTypedGraph({ name: 'mlp' })
  const layer = (x, name, inputs, outputs) => {
    const weights = floats(
      Float32Array.from({ length: inputs * outputs }, (_, i) => Math.sin(12.9898 * i) / 5),
      [inputs, outputs],
    )
    const bias = floats(new Float32Array(outputs))
    return graph.node('Gemm', [x, graph.initializer(`${name}.w`, weights), graph.initializer(`${name}.b`, bias)])
  }
  let x = graph.input('features', 'float', ['rows', FEATURES])
  x = graph.node('Relu', [layer(x, 'first', FEATURES, 64)])
  x = graph.node('Relu', [layer(x, 'second', 64, 32)])
  graph.output('score', graph.node('Sigmoid', [layer(x, 'last', 32, 1)]))
  writeFileSync(path, encodeModel(graph.build()))
}

/** A row of values with as many digits as Python writes of a double. */
export const ROW = Array.from({ length: FEATURES }, (_, i) => Math.sin(i + 1))
