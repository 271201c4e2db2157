import { createGraphBuilder, createSession, readModel } from 'fivefold/onnx'

// y = sigmoid(x · w), for any number of rows of two features.
const builder = createGraphBuilder({ name: 'logistic' })
const x = builder.input('x', 'float', ['N', 2])
const w = builder.constant({ type: 'float', shape: [2, 1], data: Float32Array.of(1, -2) })
builder.output('y', builder.node('Sigmoid', [builder.node('MatMul', [x, w])]), 'float', ['N', 1])
const bytes = builder.build()

const { opsets, graph } = readModel(bytes)
console.log(`${bytes.length} bytes, opset ${opsets['']}: ${graph.nodes.map((node) => node.op).join(' -> ')}`)

await using session = await createSession(bytes)
const { y } = await session.run({ x: { type: 'float', shape: [2, 2], data: Float32Array.of(0, 0, 2, 1) } })
console.log(y)
