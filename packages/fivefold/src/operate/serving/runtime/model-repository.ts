import type { Servable, Tensors } from '../model/servable.ts'
import type { RequestRecord } from '../requests/request-record.ts'

/** Where a model comes from. */
export interface ModelSource {
  /** Folder of a bundle, an ONNX file, or a folder with `model.onnx` or numbered version folders. */
  readonly path: string
  readonly name?: string
  readonly version?: string
}

export type ModelState = 'loading' | 'ready' | 'unloading' | 'failed'

export interface ModelStatus {
  readonly name: string
  readonly version: string
  readonly state: ModelState
  /** Why a model failed. */
  readonly reason?: string
}

export interface InferOptions {
  readonly requestId: string
  /** Where the server notes which version answered and what its parts took. */
  readonly record?: RequestRecord
  /** Names of the outputs wanted; all of them by default. */
  readonly outputs?: readonly string[]
  /** Aborts when the caller went away: what waits in a queue is taken out. */
  readonly signal?: AbortSignal
  /** Stands back for requests that have somebody waiting; such as the pieces of a job. */
  readonly isBackground?: boolean
  /** What came with the request beside tensors, names in small letters: deployments choose who answers by it. */
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>
  /** Takes what the answer shall say of itself beside its tensors, such as the variant that gave it. */
  readonly annotate?: (name: string, value: string) => void
}

/** A version that answers: its queue, its batches, its cache and its log. */
export interface ModelEndpoint {
  readonly model: Servable
  /**
   * Runs the model, together with other requests where it can be.
   *
   * @throws MODEL_INPUT where feeds do not fit; SERVER_OVERLOADED; CANCELLED; TIMEOUT
   */
  infer(feeds: Tensors, options: InferOptions): Promise<Tensors>
  /**
   * Runs the model for a question of the server's own, in the background: neither logged, nor counted, nor kept. Absent where
   * several versions take turns to answer.
   *
   * @throws as `infer`
   */
  probe?(feeds: Tensors, signal?: AbortSignal): Promise<Tensors>
}

/** The models that a server holds. Loading a version beside another and taking the older one away loses no request. */
export interface ModelRepository {
  statuses(): readonly ModelStatus[]
  /**
   * The endpoint of a version; of the latest ready version without `version`, of the only or default model without `name`.
   *
   * @throws MODEL_NOT_FOUND; MODEL_NOT_READY while it loads
   */
  endpoint(name?: string, version?: string): ModelEndpoint
  /** Resolves once the version has been warmed up and answers. @throws MODEL_NOT_FOUND, BUNDLE_INVALID, GRAPH_INVALID */
  load(source: ModelSource): Promise<ModelStatus>
  /** Resolves once requests in flight are answered and the memory is given back. @throws MODEL_NOT_FOUND */
  unload(name: string, version?: string): Promise<void>
}
