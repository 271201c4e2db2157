import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import * as neural from '../../../packages/fivefold/dist/engines/neural/index.js'
import { averageOver } from './average-over.mjs'
import { imageParts } from './image-parts.mjs'

const IMAGE = [1, 28, 28]
const IMAGE_HEADER_BYTES = 16
const LABEL_HEADER_BYTES = 8

export function loadMnist(folder, rows) {
  const read = (name, headerBytes) => gunzipSync(readFileSync(join(folder, `${name}.gz`))).subarray(headerBytes)
  const partOf = (prefix) => ({
    pixels: read(`${prefix}-images-idx3-ubyte`, IMAGE_HEADER_BYTES),
    labels: read(`${prefix}-labels-idx1-ubyte`, LABEL_HEADER_BYTES),
  })
  return imageParts(partOf('train'), partOf('t10k'), { shape: IMAGE, validationRows: 5000, rows })
}

/** Two pairs of convolutions; pixels are scaled within the graph, so that it takes bytes' values. */
export function digitNetwork() {
  const network = neural.defineNetwork({
    name: 'digits',
    inputs: { image: neural.tensor('float', ...IMAGE) },
    forward(scope, { image }) {
      const unit = (name, x, channels) => {
        const y = neural.conv2d(scope, `${name}.conv`, x, { channels, kernel: 3, bias: false })
        return neural.activation(scope, neural.batchNorm(scope, `${name}.norm`, y), 'relu')
      }
      const pair = (name, x, channels) => {
        const y = unit(`${name}.2`, unit(`${name}.1`, x, channels), channels)
        return neural.dropout(scope, `${name}.drop`, neural.maxPool2d(scope, y, { kernel: 2 }), { rate: 0.2 })
      }
      let x = neural.batchNorm(scope, 'scale', image)
      x = neural.flatten(scope, pair('second', pair('first', x, 32), 64))
      x = neural.dense(scope, 'hidden', x, { units: 128, activation: 'relu' })
      x = neural.dropout(scope, 'drop', x, { rate: 0.4 })
      return { logits: neural.dense(scope, 'head', x, { units: 10 }) }
    },
  })
  return {
    network,
    batchSize: 128,
    epochs: 6,
    transforms: [{ kind: 'crop', field: 'image', padding: 2 }],
    options: (steps) => ({
      loss: neural.crossEntropy({ output: 'logits', target: 'label' }),
      optimizer: neural.adamw({ learningRate: 4e-3 }),
      groups: [neural.withoutDecay],
      schedule: neural.defineSchedule({ kind: 'oneCycle', steps }),
      averaging: averageOver(steps),
    }),
  }
}
