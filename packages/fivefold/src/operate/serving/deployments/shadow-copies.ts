import { compareAnswers } from '../../rollout/shadow/compare-answers.ts'
import { createShadowTally, type ShadowReport, type ShadowTally } from '../../rollout/shadow/shadow-tally.ts'
import type { Tensors } from '../model/servable.ts'
import type { InferOptions, ModelEndpoint } from '../runtime/model-repository.ts'

/** Copies on their way beyond which none is sent: a slow shadow must not take the memory of those that answer. */
const MOST_COPIES = 64

/** Copies of requests whose answers are compared to the one that was given, and never returned. */
export interface ShadowCopies {
  /** @param endpoint of the variant; may throw where it has none */
  send(variant: string, endpoint: () => ModelEndpoint, copied: CopiedRequest): void
  reports(): readonly ShadowReport[]
  /** Resolves once the copies that are on their way have been answered. */
  settled(): Promise<void>
}

export interface CopiedRequest {
  readonly feeds: Tensors
  readonly options: InferOptions
  readonly given: Tensors
}

export function createShadowCopies(): ShadowCopies {
  const tallies = new Map<string, ShadowTally>()
  const copies = new Set<Promise<void>>()
  return {
    send: (variant, endpoint, copied) => {
      const tally = tallies.get(variant) ?? createShadowTally(variant)
      tallies.set(variant, tally)
      if (copies.size >= MOST_COPIES) return tally.skipped()
      const copy = answerCopy(endpoint, copied, tally)
      copies.add(copy)
      void copy.finally(() => copies.delete(copy))
    },
    reports: () => [...tallies.values()].map((tally) => tally.report()),
    settled: async () => {
      await Promise.all(copies)
    },
  }
}

async function answerCopy(
  endpoint: () => ModelEndpoint,
  { feeds, options: { requestId, outputs }, given }: CopiedRequest,
  tally: ShadowTally,
): Promise<void> {
  const startMs = performance.now()
  try {
    // Neither the sender's patience nor its headers concern a copy.
    const answer = await endpoint().infer(feeds, { requestId, ...(outputs ? { outputs } : {}) })
    tally.compared(compareAnswers(given, answer), performance.now() - startMs)
  } catch {
    tally.failed()
  }
}
