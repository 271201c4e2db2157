/** The networks that are measured; peer.py has the same in PyTorch, with the same names of weights. */
import * as neural from '../../packages/fivefold/dist/engines/neural/index.js'

const { conv2d, dense, tensor } = neural
const label = tensor('int64')
const classify = neural.crossEntropy({ output: 'logits', target: 'label' })

const mlp = {
  about: '3 layers of 512, 128 features, batch 128',
  batchSize: 128,
  inputs: { features: tensor('float', 128) },
  forward(scope, { features }) {
    let x = features
    for (const name of ['fc1', 'fc2', 'fc3']) x = dense(scope, name, x, { units: 512, activation: 'relu' })
    return { logits: dense(scope, 'head', x, { units: 10 }) }
  },
}

const cnn = {
  about: '28x28, conv32-conv64-pool-dense128, batch 64',
  batchSize: 64,
  inputs: { image: tensor('float', 1, 28, 28) },
  forward(scope, { image }) {
    let x = conv2d(scope, 'conv1', image, { channels: 32, kernel: 3, activation: 'relu' })
    x = neural.maxPool2d(scope, conv2d(scope, 'conv2', x, { channels: 64, kernel: 3, activation: 'relu' }), {
      kernel: 2,
    })
    x = dense(scope, 'fc', neural.flatten(scope, x), { units: 128, activation: 'relu' })
    return { logits: dense(scope, 'head', x, { units: 10 }) }
  },
}

/** ResNet-8 for 32x32 images: a stem and three blocks of 16, 32 and 64 channels (He et al. 2016). */
const resnet = {
  about: 'ResNet-8 with batch norm, 32x32x3, batch 32',
  batchSize: 32,
  inputs: { image: tensor('float', 3, 32, 32) },
  forward(scope, { image }) {
    const relu = (x) => neural.activation(scope, x, 'relu')
    const unit = (name, x, channels, stride, kernel = 3) => {
      const options = { channels, kernel, stride, padding: (kernel - 1) / 2, bias: false }
      return neural.batchNorm(scope, `${name}.norm`, conv2d(scope, `${name}.conv`, x, options))
    }
    let x = relu(unit('stem', image, 16, 1))
    for (const [name, channels, stride] of [
      ['block1', 16, 1],
      ['block2', 32, 2],
      ['block3', 64, 2],
    ]) {
      const shortcut = stride === 1 ? x : unit(`${name}.shortcut`, x, channels, stride, 1)
      const inner = unit(`${name}.second`, relu(unit(`${name}.first`, x, channels, stride)), channels, 1)
      x = relu(neural.residual(scope, shortcut, () => inner))
    }
    return { logits: dense(scope, 'head', neural.globalAveragePool(scope, x), { units: 10 }) }
  },
}

const transformer = {
  about: 'encoder, 4 layers, d=256, 4 heads, 64 steps, 8000 words, batch 16',
  batchSize: 16,
  inputs: { words: tensor('int64', 64) },
  range: 8000,
  forward(scope, { words }) {
    let x = neural.embedding(scope, 'words', words, { count: 8000, size: 256 })
    x = neural.learnedPositions(scope, 'positions', x)
    const options = { heads: 4, feedForward: 1024, activation: 'gelu', normFirst: true, dropout: 0 }
    for (let i = 0; i < 4; i++) x = neural.transformerEncoderLayer(scope, `layers.${i}`, x, options)
    x = neural.meanOverSteps(scope, neural.layerNorm(scope, 'norm', x))
    return { logits: dense(scope, 'head', x, { units: 10 }) }
  },
}

const lstm = {
  about: '28 steps of 28, 64 units, batch 64',
  batchSize: 64,
  inputs: { series: tensor('float', 28, 28) },
  forward(scope, { series }) {
    const { last } = neural.lstm(scope, 'lstm', series, { units: 64 })
    return { logits: dense(scope, 'head', last, { units: 10 }) }
  },
}

export const ARCHITECTURES = { mlp, cnn, resnet, transformer, lstm }

/** A case ready to run: its network, its programs, weights, and a batch that is the same every time. */
export function prepareCase(name) {
  const { batchSize, inputs, forward, range } = ARCHITECTURES[name]
  const network = neural.defineNetwork({ name, inputs, forward })
  const options = { batchSize, targets: { label }, loss: classify }
  const train = neural.compileTraining(network, options)
  const weights = neural.initializeNetwork(network, 7)
  return { name, network, batchSize, train, weights, batch: { fields: makeBatch(batchSize, inputs, range) } }
}

function makeBatch(rows, inputs, range) {
  const next = createNumbers(11)
  const fields = Object.entries(inputs).map(([name, { type, shape }]) => {
    const length = shape.reduce((product, size) => product * size, rows)
    const values =
      type === 'int64'
        ? BigInt64Array.from({ length }, () => BigInt(Math.floor(next() * range)))
        : Float32Array.from({ length }, () => 2 * next() - 1)
    return [name, values]
  })
  const labels = BigInt64Array.from({ length: rows }, () => BigInt(Math.floor(next() * 10)))
  return { ...Object.fromEntries(fields), label: labels }
}

/** Numbers in [0, 1), the same every time (Park and Miller 1988). */
function createNumbers(seed) {
  let state = seed
  return () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
}
