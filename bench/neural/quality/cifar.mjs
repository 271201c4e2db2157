import { join } from 'node:path'
import { createRng } from '../../../packages/fivefold/dist/core/index.js'
import * as neural from '../../../packages/fivefold/dist/engines/neural/index.js'
import { progress } from '../../boosting/terminal.mjs'
import { averageOver } from './average-over.mjs'
import { imageParts } from './image-parts.mjs'
import { tarEntries } from './tar.mjs'

const IMAGE = [3, 32, 32]
const PLANE = 32 * 32
const DECODED_TOGETHER = 256
const CLASSES = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck']

/** The images as bytes, channels first. The archive is sorted by class: training rows are put into a seeded order. */
export async function loadCifar(folder, rows) {
  const { default: sharp } = await import('sharp')
  progress('cifar: decoding the images')
  const parts = { train: [], test: [] }
  const decode = async (split, className, content) => {
    const data = await sharp(content).removeAlpha().toColourspace('srgb').raw().toBuffer()
    return { split, pixels: channelsFirst(data), label: CLASSES.indexOf(className) }
  }
  let underWay = []
  const finish = async () => {
    for (const { split, ...image } of await Promise.all(underWay)) parts[split].push(image)
    underWay = []
  }
  for await (const { name, content } of tarEntries(join(folder, 'cifar10-jpeg.tar.gz'))) {
    const [split, className] = name.split('/')
    if (name.endsWith('.jpg')) underWay.push(decode(split, className, content))
    if (underWay.length === DECODED_TOGETHER) await finish()
  }
  await finish()
  const order = createRng(1).shuffle(Uint32Array.from({ length: parts.train.length }, (_, i) => i))
  const train = Array.from(order, (index) => parts.train[index])
  return imageParts(endToEnd(train), endToEnd(parts.test), { shape: IMAGE, validationRows: 5000, rows })
}

function channelsFirst(interleaved) {
  const planes = new Uint8Array(3 * PLANE)
  for (let i = 0; i < planes.length; i++) planes[(i % 3) * PLANE + Math.floor(i / 3)] = interleaved[i]
  return planes
}

function endToEnd(images) {
  const pixels = new Uint8Array(images.length * 3 * PLANE)
  images.forEach((image, i) => {
    pixels.set(image.pixels, i * 3 * PLANE)
  })
  return { pixels, labels: Uint8Array.from(images, ({ label }) => label) }
}

/** A stem, and two stages that halve the image and end in a residual block: most work is done where images are small. */
export function residualNetwork() {
  const network = neural.defineNetwork({
    name: 'cifar',
    inputs: { image: neural.tensor('float', ...IMAGE) },
    forward(scope, { image }) {
      const unit = (name, x, channels, stride = 1) => {
        const options = { channels, kernel: 3, stride, padding: 1, bias: false }
        const y = neural.batchNorm(scope, `${name}.norm`, neural.conv2d(scope, `${name}.conv`, x, options))
        return neural.activation(scope, y, 'relu')
      }
      const block = (name, x, channels) =>
        neural.residual(scope, x, (y) => unit(`${name}.2`, unit(`${name}.1`, y, channels), channels))
      let x = unit('stem', neural.batchNorm(scope, 'scale', image), 32)
      x = block('first', unit('down1', x, 64, 2), 64)
      x = block('second', unit('down2', x, 128, 2), 128)
      x = unit('top', x, 192, 2)
      return { logits: neural.dense(scope, 'head', neural.globalMaxPool(scope, x), { units: 10 }) }
    },
  })
  return {
    network,
    batchSize: 128,
    epochs: 12,
    transforms: [
      { kind: 'flip', field: 'image' },
      { kind: 'crop', field: 'image', padding: 4, mode: 'reflect' },
    ],
    options: (steps) => ({
      loss: neural.crossEntropy({ output: 'logits', target: 'label', labelSmoothing: 0.1 }),
      optimizer: neural.adamw({ learningRate: 4e-3, weightDecay: 0.05 }),
      groups: [neural.withoutDecay],
      schedule: neural.defineSchedule({ kind: 'oneCycle', steps }),
      averaging: averageOver(steps),
    }),
  }
}
