import type { StoreTokens } from './access/access-tokens.ts'
import type { ArtifactStore } from './artifacts/artifact-store.ts'
import type { ExperimentStore } from './experiments/experiments.ts'
import type { GarbageCollector } from './garbage/collect-garbage.ts'
import type { LoggedModelStore } from './logged-models/logged-models.ts'
import type { ModelRegistry } from './registry/registry.ts'
import type { RunStore } from './runs/run.ts'
import type { TraceStore } from './traces/traces.ts'

/**
 * Experiments, runs, artifacts, the model registry and traces. Every method is atomic: processes that write at once lose
 * nothing, and one that is killed leaves what it had finished.
 */
export interface TrackingStore
  extends ExperimentStore,
    RunStore,
    ArtifactStore,
    LoggedModelStore,
    ModelRegistry,
    TraceStore,
    StoreTokens,
    GarbageCollector,
    AsyncDisposable {
  close(): Promise<void>
}
