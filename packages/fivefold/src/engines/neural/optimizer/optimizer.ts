import { FivefoldError } from '../../../core/index.ts'
import { type OptimizerDefinition, stateSlotsOf } from './definitions.ts'
import { exportState, importState, type OptimizerState } from './optimizer-state.ts'
import type { ParameterSetting } from './parameter-groups.ts'
import type { ParameterMemory, ParameterTensor } from './parameter-memory.ts'
import { updateRuleOf } from './update-rules.ts'

export type GradientSlot = 'gradients' | 'accumulatedGradients'

export interface StepOptions {
  /** Before the groups' factors; default the definition's. */
  readonly learningRate?: number
  /** Multiplies gradients on the way, for clipping by norm and for means over micro-batches. Default 1. */
  readonly gradientScale?: number
  /** Default 'gradients'. */
  readonly gradients?: GradientSlot
}

/**
 * Moves the parameters of a memory along their gradients, as PyTorch's optimiser of the same name does. It has no state
 * outside the memory: another one with other groups, as when parameters thaw, goes on where this one stopped.
 */
export interface Optimizer {
  readonly definition: OptimizerDefinition
  /** One update of every parameter that is not frozen. */
  step(options?: StepOptions): void
  /** Root of the sum of squared gradients of all parameters that are not frozen. NaN or infinite where one is. */
  gradientNorm(gradients?: GradientSlot): number
  /** Brings every gradient into [-limit, limit]. */
  clipByValue(limit: number, gradients?: GradientSlot): void
  zeroGradients(gradients?: GradientSlot): void
  exportState(): OptimizerState
  /** @throws CHECKPOINT_INVALID where the state is of other parameters or another optimiser */
  importState(state: OptimizerState): void
}

/** @param settings of `resolveGroups`; parameters without one are not touched, so that optimisers can share a memory */
export function createOptimizer(
  definition: OptimizerDefinition,
  settings: readonly ParameterSetting[],
  memory: ParameterMemory,
): Optimizer {
  const slots = stateSlotsOf(definition)
  const moved = movedTensors(settings, memory)
  const update = updateRuleOf(definition, memory)
  const { kernels, addressOf, updateCounts } = memory
  return {
    definition,
    step: ({ learningRate = definition.learningRate, gradientScale = 1, gradients = 'gradients' } = {}) => {
      for (const { tensor, setting } of moved) {
        const step = (updateCounts.get(tensor.name) ?? 0) + 1
        updateCounts.set(tensor.name, step)
        const rate = learningRate * setting.learningRateFactor
        const weightDecay = setting.weightDecay ?? definition.weightDecay
        update({ tensor, gradients, gradientScale, learningRate: rate, weightDecay, step })
      }
    },
    gradientNorm: (gradients = 'gradients') => {
      let sum = 0
      for (const { tensor } of moved)
        sum += kernels.sumOfSquares(addressOf(gradients) + tensor.offsetBytes, tensor.length)
      return Math.sqrt(sum)
    },
    clipByValue: (limit, gradients = 'gradients') => {
      for (const { tensor } of moved) kernels.clamp(addressOf(gradients) + tensor.offsetBytes, tensor.length, limit)
    },
    zeroGradients: (gradients = 'gradients') => {
      for (const { tensor } of moved) memory.view(gradients, tensor.name).fill(0)
    },
    exportState: () => exportState(memory, slots),
    importState: (state) => importState(memory, slots, state),
  }
}

interface MovedTensor {
  readonly tensor: ParameterTensor
  readonly setting: ParameterSetting
}

function movedTensors(settings: readonly ParameterSetting[], memory: ParameterMemory): readonly MovedTensor[] {
  const tensors = new Map(memory.tensors.filter(({ trainable }) => trainable).map((tensor) => [tensor.name, tensor]))
  return settings
    .filter(({ frozen }) => !frozen)
    .map((setting) => {
      const tensor = tensors.get(setting.name)
      if (tensor === undefined)
        throw new FivefoldError('TRAIN_INPUT', `'${setting.name}' is not a trainable parameter of the memory`)
      return { tensor, setting }
    })
}

/**
 * What to multiply gradients by so that their norm is `maximum` at most (Pascanu et al. 2013), with the guard of
 * `torch.nn.utils.clip_grad_norm_`. Not a number where the norm is not finite.
 */
export function clipFactor(norm: number, maximum: number): number {
  if (!Number.isFinite(norm)) return Number.NaN
  return Math.min(1, maximum / (norm + 1e-6))
}
