import { z } from 'zod'
import { FivefoldError } from '../../../core/index.ts'

const plateauSchema = z.strictObject({
  /** Which way the metric improves. */
  mode: z.enum(['min', 'max']).default('min'),
  /** The learning rate is multiplied by this. */
  gamma: z.number().min(0).lt(1).default(0.1),
  /** Measurements without an improvement that are borne. */
  patience: z.int().min(0).default(10),
  /** What counts as an improvement: more than this share of the best value, or more than this much. */
  threshold: z.number().min(0).default(1e-4),
  thresholdMode: z.enum(['relative', 'absolute']).default('relative'),
  /** Measurements after a reduction that do not count. */
  cooldown: z.int().min(0).default(0),
  /** The factor falls no lower. */
  floor: z.number().min(0).max(1).default(0),
})

export type Plateau = Readonly<z.output<typeof plateauSchema>>

/** Where a plateau schedule stands; plain JSON. */
export interface PlateauState {
  /** Factor of the learning rate. */
  readonly factor: number
  /** Absent before the first measurement that is a number. */
  readonly best?: number
  readonly badCount: number
  readonly cooldownLeft: number
}

export const PLATEAU_START: PlateauState = { factor: 1, badCount: 0, cooldownLeft: 0 }

/**
 * Reduces the learning rate when a metric stops improving; as `ReduceLROnPlateau`, without its `eps`.
 * @throws OPTION_INVALID
 */
export function definePlateau(options: z.input<typeof plateauSchema> = {}): Plateau {
  const parsed = plateauSchema.safeParse(options)
  if (parsed.success) return parsed.data
  const list = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '))
  throw new FivefoldError('OPTION_INVALID', `plateau schedule: ${list.join('; ')}`)
}

/** The state after one more measurement of the metric. */
export function afterMeasurement(plateau: Plateau, state: PlateauState, metric: number): PlateauState {
  const isBetter = improves(plateau, metric, state.best)
  const best = isBetter ? metric : state.best
  const cools = state.cooldownLeft > 0
  const cooldownLeft = cools ? state.cooldownLeft - 1 : 0
  const badCount = isBetter || cools ? 0 : state.badCount + 1
  const kept = best === undefined ? {} : { best }
  if (badCount <= plateau.patience) return { ...kept, factor: state.factor, badCount, cooldownLeft }
  const factor = Math.max(state.factor * plateau.gamma, plateau.floor)
  return { ...kept, factor, badCount: 0, cooldownLeft: plateau.cooldown }
}

function improves({ mode, threshold, thresholdMode }: Plateau, metric: number, best: number | undefined): boolean {
  if (best === undefined) return !Number.isNaN(metric)
  const sign = mode === 'min' ? -1 : 1
  const bar = thresholdMode === 'relative' ? best * (1 + sign * threshold) : best + sign * threshold
  return mode === 'min' ? metric < bar : metric > bar
}
