import type {
  AdamDefinition,
  AdamwDefinition,
  LionDefinition,
  OptimizerDefinition,
  SgdDefinition,
} from './definitions.ts'
import type { ParameterMemory, ParameterTensor, Slot } from './parameter-memory.ts'

/** One update of one tensor. Numbers are in double precision up to the kernel, as in PyTorch. */
export interface Update {
  readonly tensor: ParameterTensor
  readonly gradients: Slot
  readonly gradientScale: number
  readonly learningRate: number
  readonly weightDecay: number
  /** From 1: this update is the tensor's so manieth. */
  readonly step: number
}

type UpdateRule = (update: Update) => void

/** The kernel call that does an update. */
export function updateRuleOf(definition: OptimizerDefinition, memory: ParameterMemory): UpdateRule {
  switch (definition.kind) {
    case 'sgd':
      return sgdRule(definition, memory)
    case 'adam':
    case 'adamw':
      return adamRule(definition, memory)
    case 'lion':
      return lionRule(definition, memory)
  }
}

function sgdRule({ momentum, nesterov }: SgdDefinition, { kernels, addressOf }: ParameterMemory): UpdateRule {
  if (momentum === 0)
    return ({ tensor: { offsetBytes, length }, gradients, gradientScale, learningRate, weightDecay }) =>
      kernels.sgd(
        addressOf('parameters') + offsetBytes,
        addressOf(gradients) + offsetBytes,
        length,
        gradientScale,
        learningRate,
        weightDecay,
      )
  return ({ tensor: { offsetBytes, length }, gradients, gradientScale, learningRate, weightDecay }) =>
    kernels.sgdMomentum(
      addressOf('parameters') + offsetBytes,
      addressOf(gradients) + offsetBytes,
      addressOf('momentum') + offsetBytes,
      length,
      gradientScale,
      learningRate,
      weightDecay,
      momentum,
      nesterov ? 1 : 0,
    )
}

function adamRule(definition: AdamDefinition | AdamwDefinition, memory: ParameterMemory): UpdateRule {
  const { kind, betas, epsilon } = definition
  const [beta1, beta2] = betas
  const { kernels, addressOf } = memory
  const isDecoupled = kind === 'adamw'
  return ({ tensor: { offsetBytes, length }, gradients, gradientScale, learningRate, weightDecay, step }) => {
    const correction = Math.sqrt(1 - beta2 ** step)
    kernels.adam(
      addressOf('parameters') + offsetBytes,
      addressOf(gradients) + offsetBytes,
      addressOf('firstMoment') + offsetBytes,
      addressOf('secondMoment') + offsetBytes,
      length,
      gradientScale,
      isDecoupled ? 0 : weightDecay,
      isDecoupled ? 1 - learningRate * weightDecay : 1,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      (correction * learningRate) / (1 - beta1 ** step),
      correction * epsilon,
    )
  }
}

function lionRule({ betas: [beta1, beta2] }: LionDefinition, { kernels, addressOf }: ParameterMemory): UpdateRule {
  return ({ tensor: { offsetBytes, length }, gradients, gradientScale, learningRate, weightDecay }) =>
    kernels.lion(
      addressOf('parameters') + offsetBytes,
      addressOf(gradients) + offsetBytes,
      addressOf('momentum') + offsetBytes,
      length,
      gradientScale,
      learningRate,
      1 - learningRate * weightDecay,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
    )
}
