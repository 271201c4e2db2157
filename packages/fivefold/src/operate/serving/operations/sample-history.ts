import type { Sample } from './sample.ts'

export const FINE_STEP_MS = 10_000
export const COARSE_STEP_MS = 60_000
/** Steps of either kind: ten minutes, and an hour. */
const STEPS = 60

/** The samples of the last hour: those of the last ten minutes close together, the others far apart. */
export interface SampleHistory {
  add(sample: Sample): void
  /** The latest sample that is at least so old; the oldest one where there is none. */
  before(atMs: number): Sample
  /** In their order; one more than there are steps. */
  fine(): readonly Sample[]
  coarse(): readonly Sample[]
}

export function createSampleHistory(first: Sample): SampleHistory {
  const fine = [first]
  const coarse = [first]
  return {
    add(sample) {
      append(fine, sample)
      // Timers are late rather than early: half a step decides which sample stands for its minute.
      if (sample.atMs - coarse.at(-1)!.atMs >= COARSE_STEP_MS - FINE_STEP_MS / 2) append(coarse, sample)
    },
    before(atMs) {
      const isOlder = (sample: Sample): boolean => sample.atMs <= atMs
      return fine.findLast(isOlder) ?? coarse.findLast(isOlder) ?? coarse[0]!
    },
    fine: () => fine,
    coarse: () => coarse,
  }
}

function append(samples: Sample[], sample: Sample): void {
  samples.push(sample)
  if (samples.length > STEPS + 1) samples.shift()
}
