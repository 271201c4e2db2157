import type { ExecutionProvider } from '../../../onnx/index.ts'
import type { Checkpoint } from '../checkpoint/index.ts'
import type { Program } from '../network/compile.ts'
import type { AveragingDefinition, OptimizerDefinition, ParameterSetting, ParameterSpec } from '../optimizer/index.ts'

/** How a program's gradients move parameters. */
export interface Update {
  readonly optimizer: OptimizerDefinition
  /** Which parameters it moves, and how; `resolveGroups` makes them. */
  readonly settings: readonly ParameterSetting[]
  /** Gradients are scaled down to this norm. */
  readonly clipNorm?: number
  /** Gradients are brought into [-clipValue, clipValue]. */
  readonly clipValue?: number
}

export interface PlannedProgram {
  readonly program: Program
  /** Absent for programs that only evaluate. */
  readonly update?: Update
}

/** Everything that a trainer executes; plain data, so that it can be sent to a worker. */
export interface TrainingPlan {
  /** Parameters and states of all programs. */
  readonly tensors: readonly ParameterSpec[]
  /** What each tensor starts from. */
  readonly initial: ReadonlyMap<string, Float32Array>
  readonly programs: Readonly<Record<string, PlannedProgram>>
  readonly averaging?: AveragingDefinition
  /** Threads inside one operator. */
  readonly threads: number
  /** What computes the programs. Default cpu. */
  readonly provider?: ExecutionProvider
}

/** Rows of one program: each field with the batch axis in front, and how much each row counts. */
export interface Batch {
  readonly fields: Readonly<Record<string, BatchArray>>
  /** 0 for rows that only fill the batch up; default 1 each. */
  readonly weights?: Float32Array
  /** What masks of dropout are drawn from. Default 0. */
  readonly seed?: number
}

export type BatchArray = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array

export interface StepRequest {
  readonly program: string
  /** Micro-batches whose gradients make one update. */
  readonly batches: readonly Batch[]
  /** Before the groups' factors. */
  readonly learningRate: number
}

export interface StepOutcome {
  /**
   * Mean loss over the rows. Not finite where training diverged: parameters are left as they were then. 0 where no row counts,
   * since all weigh nothing or have targets that are ignored: then the step changes nothing, as if it had not been taken.
   */
  readonly loss: number
  /** Norm of the gradients before clipping, where clipping by norm asked for it. */
  readonly gradientNorm?: number
}

export interface EvaluateOptions {
  /** With averaged weights, where the plan keeps them. Default false. */
  readonly averaged?: boolean
  /** Which of the program's outputs to give besides the loss. Default all. */
  readonly outputs?: readonly string[]
}

/** Where training stands: enough to go on exactly. */
export type TrainerState = Pick<Checkpoint, 'parameters' | 'optimizers' | 'averages'>
