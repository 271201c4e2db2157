import { floatAttribute, intAttribute } from '../graph/attribute.ts'
import { initializerOf, type OnnxNode } from '../graph/model.ts'
import { elementCount, floats, type TensorLiteral, type TensorOf } from '../tensor.ts'
import type { ModelIndex } from './model-index.ts'
import type { Rewrite } from './rewrite.ts'

/**
 * Batch normalization with fixed statistics is one scale and one offset a channel, which the kernel and bias of a convolution
 * before it take in: W' = W s, b' = (b - mean) s + offset, s = scale / sqrt(variance + epsilon) (Jacob et al. 2018,
 * arXiv:1712.05877, section 3.2).
 */
export const foldBatchNormalization: Rewrite = (node, index) => {
  if (node.op !== 'BatchNormalization' || intAttribute(node.attributes, 'training_mode', 0) !== 0) return undefined
  const conv = index.makerOf(node.inputs[0]!)
  if (conv?.op !== 'Conv' || conv.domain !== '' || !index.isReadOnce(node.inputs[0]!)) return undefined
  const kernel = floatContent(index, conv.inputs[1])
  const channels = channelNumbers(node, index)
  if (kernel === undefined || channels === undefined) return undefined
  const hasBias = (conv.inputs[2] ?? '') !== ''
  const bias = hasBias ? floatContent(index, conv.inputs[2]) : floats(new Float32Array(kernel.shape[0]!))
  if (bias?.type !== 'float') return undefined
  const [w, b] = [`${conv.inputs[1]}:normalized`, `${conv.inputs[2] || conv.inputs[1]}:offset`].map(index.freshName)
  return {
    node: { ...conv, outputs: [node.outputs[0]!], inputs: [conv.inputs[0]!, w!, b!] },
    weights: [
      initializerOf(w!, scaledKernel(kernel, channels.scale)),
      initializerOf(
        b!,
        floats(
          Array.from(bias.data, (value, i) => (value - channels.mean[i]!) * channels.scale[i]! + channels.offset[i]!),
        ),
      ),
    ],
  }
}

function floatContent(index: ModelIndex, name: string | undefined): TensorOf<'float'> | undefined {
  const content: TensorLiteral | undefined = index.contentOf(name)
  return content?.type === 'float' ? content : undefined
}

interface ChannelNumbers {
  readonly scale: readonly number[]
  readonly mean: ArrayLike<number>
  readonly offset: ArrayLike<number>
}

function channelNumbers(node: OnnxNode, index: ModelIndex): ChannelNumbers | undefined {
  const [scale, offset, mean, variance] = [1, 2, 3, 4].map((i) => floatContent(index, node.inputs[i])?.data)
  if (!scale || !offset || !mean || !variance) return undefined
  const epsilon = floatAttribute(node.attributes, 'epsilon', 1e-5)
  return { scale: Array.from(scale, (value, i) => value / Math.sqrt(variance[i]! + epsilon)), mean, offset }
}

function scaledKernel(kernel: TensorOf<'float'>, scale: readonly number[]): TensorLiteral {
  const perChannel = elementCount(kernel.shape.slice(1))
  const data = kernel.data.map((value, i) => value * scale[Math.floor(i / perChannel)]!)
  return { type: 'float', shape: kernel.shape, data }
}
