import type { Context } from '../../../core/index.ts'
import type { ServerMetrics } from '../metrics/server-metrics.ts'
import type { Servable } from '../model/servable.ts'
import type { RequestRecorder } from '../requests/request-recorder.ts'
import type { ServingLimits } from '../runtime/limits.ts'
import type { ModelRepository } from '../runtime/model-repository.ts'

/** What the routes of one server share. */
export interface ServingContext {
  readonly repository: ModelRepository
  readonly limits: ServingLimits
  readonly metrics: ServerMetrics
  readonly requests: RequestRecorder
  readonly context: Context
  /** Whether models may be loaded and unloaded over HTTP, and from where; absent where not. */
  readonly management?: ModelManagement
  /** The model that examples in the description of the API are for: the default one, where there is one from the start. */
  readonly example?: Servable
  /** False once the server has begun to stop: load balancers send no more. */
  ready(): boolean
}

export interface ModelManagement {
  /** Loads the newest version of a model that the server was told of, and takes its other versions away. */
  load(name: string): Promise<void>
  /** All versions, without `version`. */
  unload(name: string, version?: string): Promise<void>
  /** Names of the models that can be loaded. */
  loadable(): Promise<readonly string[]>
}
