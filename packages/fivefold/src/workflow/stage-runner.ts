import { type Context, throwIfCancelled } from '../core/index.ts'
import { STAGES, type StageName, type StageRecord } from './run-record.ts'
import { contentKey, type StageCache } from './stage-cache.ts'

export interface StageSelection {
  /** Work of this stage and later ones is done anew, even where an earlier run's result is at hand. */
  readonly from?: StageName
  /** The run ends after this stage. */
  readonly only?: StageName
}

export interface StageRunner {
  readonly records: StageRecord[]
  readonly context: Context
  /** Runs a stage, timed. `cached` collects whether its main result came from the cache. */
  run<T>(name: StageName, work: (stage: Stage) => Promise<T>): Promise<T>
  endsAfter(name: StageName): boolean
}

export interface Stage {
  /** The value of an earlier run with the same key, or else computed and kept. Plain data only. */
  remember<T>(label: string, keyParts: readonly unknown[], compute: () => Promise<T>): Promise<T>
  lookUp<T>(label: string, keyParts: readonly unknown[]): Promise<T | undefined>
  keep(label: string, keyParts: readonly unknown[], value: unknown): Promise<void>
}

export function createStageRunner(cache: StageCache, selection: StageSelection, context: Context): StageRunner {
  const records: StageRecord[] = []
  const runsAnew = (name: StageName): boolean =>
    selection.from !== undefined && STAGES.indexOf(name) >= STAGES.indexOf(selection.from)
  return {
    records,
    context,
    endsAfter: (name) => selection.only === name,
    run: async (name, work) => {
      throwIfCancelled(context.signal)
      context.progress({ stage: name, done: 0 })
      const startedMs = context.clock.monotonicMs()
      const uses = { found: 0, computed: 0 }
      const result = await work(cachingStage(cache, name, runsAnew(name), uses))
      const seconds = Math.round(context.clock.monotonicMs() - startedMs) / 1000
      records.push({ name, seconds, cached: uses.found > 0 && uses.computed === 0 })
      return result
    },
  }
}

function cachingStage(
  cache: StageCache,
  name: StageName,
  anew: boolean,
  uses: { found: number; computed: number },
): Stage {
  const addressOf = (label: string, parts: readonly unknown[]): [string, string] => [
    `${name}.${label}`,
    contentKey(CACHE_GENERATION, ...parts),
  ]
  const stage: Stage = {
    lookUp: async <T>(label: string, parts: readonly unknown[]) => {
      const found = anew ? undefined : await cache.get<T>(...addressOf(label, parts))
      if (found === undefined) uses.computed++
      else uses.found++
      return found
    },
    keep: (label, parts, value) => cache.put(...addressOf(label, parts), value),
    remember: async (label, parts, compute) => {
      const found = await stage.lookUp<Awaited<ReturnType<typeof compute>>>(label, parts)
      if (found !== undefined) return found
      const value = await compute()
      await stage.keep(label, parts, value)
      return value
    },
  }
  return stage
}

/** Raised when what a cached value holds, or how it is computed, changes between releases. */
const CACHE_GENERATION = 2
