import type { ElementType, TensorLiteral } from '../../../onnx/index.ts'
import type { JsonScalar, ServedColumn, ServedOutput } from './table-face.ts'

/** Tensors by the name of the input or output. */
export type Tensors = Readonly<Record<string, TensorLiteral>>

/** An input or output of a model. */
export interface TensorSpec {
  readonly name: string
  readonly type: ElementType
  /** -1 where each request decides. */
  readonly shape: readonly number[]
}

/** What a bundle knows of its tensors: raw columns of a table in, predictions out. */
export interface TableFace {
  readonly columns: readonly ServedColumn[]
  readonly output: ServedOutput
  /** A row that the model takes, for documentation; made from `columns` where absent. */
  readonly example?: Readonly<Record<string, JsonScalar>>
  /** Rows to compare an explained one with; absent where there are none. */
  readonly background?: () => Promise<Tensors>
}

export interface RunOptions {
  /** Names of the outputs to compute; all of them by default. */
  readonly outputs?: readonly string[]
  readonly signal?: AbortSignal
}

/** A loaded model of one version as the server sees it: tensors in, tensors out. */
export interface Servable extends AsyncDisposable {
  readonly name: string
  readonly version: string
  readonly description?: string
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
  /** Whether the first dimension of every input and output counts rows, so that requests can share a run. */
  readonly isBatched: boolean
  /** Absent for models that are not bundles. */
  readonly table?: TableFace
  /** Tells the model from every other one, whatever its name: caches beyond this process go by it. */
  readonly digest?: () => Promise<string>
  /** Feeds have been checked against `inputs`. */
  run(feeds: Tensors, options?: RunOptions): Promise<Tensors>
  close(): Promise<void>
}
