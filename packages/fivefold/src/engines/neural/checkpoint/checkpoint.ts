import { z } from 'zod'
import type { OptimizerState } from '../optimizer/index.ts'
import type { PlateauState } from '../schedule/index.ts'

/** A value that JSON keeps as it is. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** The measurements of one step or epoch by name; they may be infinite or not a number. */
export type HistoryEntry = Readonly<Record<string, number>>

export interface CheckpointTensor {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** Everything that a training run needs to go on as if it had not stopped. */
export interface Checkpoint {
  /** Updates done. */
  readonly step: number
  /** Epochs done. */
  readonly epoch: number
  /** Batches of the epoch under way that are done. */
  readonly positionInEpoch: number
  /** What orders, augmentation and dropout hang on, with step and epoch. */
  readonly seed: number
  readonly parameters: ReadonlyMap<string, CheckpointTensor>
  /** By name, of all optimisers of the loop. */
  readonly optimizers: Readonly<Record<string, OptimizerState>>
  readonly averages?: WeightAverageState
  /** The weights that measured best so far, where the run keeps them. */
  readonly best?: ReadonlyMap<string, CheckpointTensor>
  readonly plateau?: PlateauState
  readonly history: readonly HistoryEntry[]
  /** What else the loop remembers, such as the best metric so far. */
  readonly details: Readonly<Record<string, JsonValue>>
}

export interface WeightAverageState {
  readonly updateCount: number
  readonly values: Readonly<Record<string, Float32Array>>
}

export const CHECKPOINT_FORMAT = 'fivefold.checkpoint'
/** The one that is written and read. Another one is refused. */
export const CHECKPOINT_VERSION = '1'

const count = z.int().min(0)
/** JSON has no numbers that are not finite: they are written as words. */
// Its type is written down since TypeScript declares the inferred one in a form that it then does not read.
const number: z.ZodType<number> = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)])

/** What is not a tensor, as it stands in the file's metadata. */
export const checkpointStateSchema = z.strictObject({
  step: count,
  epoch: count,
  positionInEpoch: count,
  seed: z.number(),
  /** By optimiser, then by parameter. */
  updateCounts: z.record(z.string(), z.record(z.string(), count)),
  averageUpdateCount: count.optional(),
  plateau: z
    .strictObject({ factor: z.number(), best: number.optional(), badCount: count, cooldownLeft: count })
    .optional(),
  history: z.array(z.record(z.string(), number)),
  details: z.record(z.string(), z.json()),
  /** CRC-32 of the bytes of each tensor. */
  checksums: z.record(z.string(), count),
})

export type CheckpointState = z.output<typeof checkpointStateSchema>
