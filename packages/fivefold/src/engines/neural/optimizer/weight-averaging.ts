import { FivefoldError } from '../../../core/index.ts'
import type { ParameterMemory } from './parameter-memory.ts'

export type AveragingDefinition =
  /** Exponential: the average keeps `decay` of itself at each update. */
  | { readonly kind: 'ema'; readonly decay: number }
  /** The plain mean of all updates (stochastic weight averaging, Izmailov et al. 2018). */
  | { readonly kind: 'swa' }

/** Averages of parameters over training, as `torch.optim.swa_utils.AveragedModel` keeps them. */
export interface WeightAverage {
  readonly definition: AveragingDefinition
  /** Updates so far. The first one copies the parameters. */
  readonly updateCount: number
  /** Takes the parameters in, as they are now. */
  update(): void
  /** Goes on from averages that were put into the slot 'averages'. */
  resume(updateCount: number): void
  /** Views by name for evaluation: averages of trainable parameters, the others as they are. */
  weights(): ReadonlyMap<string, Float32Array<ArrayBuffer>>
}

/**
 * The memory needs the slot 'averages'.
 * @throws OPTION_INVALID for a decay outside [0, 1)
 */
export function createWeightAverage(definition: AveragingDefinition, memory: ParameterMemory): WeightAverage {
  if (definition.kind === 'ema' && !(definition.decay >= 0 && definition.decay < 1))
    throw new FivefoldError('OPTION_INVALID', `weight averaging: decay is ${definition.decay}, not in [0, 1)`)
  const { kernels, trainableLength } = memory
  const [averages, parameters] = [memory.addressOf('averages'), memory.addressOf('parameters')]
  let updateCount = 0
  return {
    definition,
    get updateCount() {
      return updateCount
    },
    update: () => {
      if (updateCount === 0) kernels.copyFloats(averages, parameters, trainableLength)
      else kernels.moveTowards(averages, parameters, trainableLength, weightOf(definition, updateCount))
      updateCount++
    },
    resume: (count) => {
      updateCount = count
    },
    weights: () => new Map([...memory.views('parameters'), ...memory.views('averages')]),
  }
}

const weightOf = (definition: AveragingDefinition, updateCount: number): number =>
  definition.kind === 'ema' ? 1 - definition.decay : 1 / (updateCount + 1)
