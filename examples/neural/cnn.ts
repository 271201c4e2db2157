/** A convolutional network tells five shapes apart: anywhere in the image, turned, of any size, under noise. */
import assert from 'node:assert/strict'
import {
  accuracy,
  adamw,
  batchNorm,
  conv2d,
  createArrayDataset,
  createLoader,
  crossEntropy,
  defineNetwork,
  defineSchedule,
  dense,
  flatten,
  maxPool2d,
  type Scope,
  tensor,
  trainNetwork,
} from 'fivefold/neural'
import { floats, type TypedValue } from 'fivefold/onnx'
import { choose, recipeContext, reportTraining, saveModel } from './recipe.ts'
import { drawShapes, IMAGE_SIZE, SHAPES } from './shapes.ts'

const context = recipeContext()
const image = [1, IMAGE_SIZE, IMAGE_SIZE] as const
const train = drawShapes(choose(6000, 2000), context.rng.fork('train'))
const validation = drawShapes(500, context.rng.fork('validation'))
const test = drawShapes(1000, context.rng.fork('test'))
const datasetOf = ({ images, labels }: typeof train) =>
  createArrayDataset({ image: { data: images, shape: image }, label: { data: labels } })

/** Layers are functions that write themselves into the graph; a block of layers is a function, too. */
function block(scope: Scope, name: string, x: TypedValue, channels: number): TypedValue {
  const convolved = conv2d(scope, `${name}.conv`, x, { channels, kernel: 3, padding: 1, bias: false })
  const normal = batchNorm(scope, `${name}.norm`, convolved)
  return scope.graph.node('Relu', [normal])
}

const network = defineNetwork({
  name: 'shapes',
  inputs: { image: tensor('float', ...image) },
  forward: (scope, { image }) => {
    let x = maxPool2d(scope, block(scope, 'first', image, 16), { kernel: 2 })
    x = maxPool2d(scope, block(scope, 'second', x, 32), { kernel: 2 })
    x = maxPool2d(scope, block(scope, 'third', x, 64), { kernel: 2 })
    return { logits: dense(scope, 'head', flatten(scope, x), { units: SHAPES.length }) }
  },
})

const epochs = choose(8, 5)
// Batch normalisation takes statistics over the batch, so an incomplete last one is dropped rather than padded.
const data = createLoader(
  datasetOf(train),
  { batchSize: 32, last: 'drop', transforms: [{ kind: 'flip', field: 'image' }] },
  context,
)
const trained = await trainNetwork(
  network,
  {
    data,
    validation: createLoader(datasetOf(validation), { batchSize: 100, sampling: { kind: 'sequential' } }, context),
    targets: { label: tensor('int64') },
    loss: crossEntropy({ output: 'logits', target: 'label' }),
    metrics: { accuracy: accuracy('logits', 'label') },
    optimizer: adamw({ learningRate: 5e-3 }),
    schedule: defineSchedule({ kind: 'oneCycle', steps: epochs * data.batchCount }),
    epochs,
  },
  context,
)
await reportTraining('cnn', trained)

// The file answers as the network did: here for all test images in one request.
await using session = await saveModel('cnn', trained.toOnnx())
const { logits } = await session.run({ image: floats(test.images, [test.labels.length, ...image]) })
const share = accuracy('logits', 'label')({ logits: logits!.data as Float32Array }, { label: test.labels })
console.log(
  `the model file names ${(100 * share).toFixed(1)}% of ${test.labels.length} shapes; guessing would name 20%`,
)
assert.ok(share > choose(0.95, 0.8), 'the network did not learn')
