import { createContext } from 'fivefold'
import { compileTraining, initializeNetwork, networkToOnnx } from 'fivefold/neural'
import { createReferenceEvaluator, floats, readModel } from 'fivefold/onnx'
import { network, trainingOptions } from './quadrants.ts'

// The graph of a training step: dropout is active, and the backward pass stands beside the forward pass in the same operators.
const { targets, loss } = trainingOptions(createContext({ seed: 7 }))
const step = compileTraining(network, { batchSize: 32, targets, loss })
const { graph } = readModel(step.model)
console.log(`training: ${graph.nodes.length} nodes, gives ${graph.outputs.map(({ name }) => name).join(', ')}`)

// The graph to serve, from the same function: any number of rows, no dropout, weights inside.
const model = networkToOnnx(network, initializeNetwork(network, 7))
console.log(`serving: ${model.graph.nodes.map(({ op }) => op).join(' -> ')}`)

// Any runtime executes it; this evaluator is plain TypeScript.
const { logits } = await createReferenceEvaluator(model).run({ point: floats([1, -1], [1, 2]) })
console.log(logits)
