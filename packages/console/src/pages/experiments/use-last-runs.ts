import { useEffect, useState } from 'react'
import { useClient } from '../../app/use-client.ts'
import type { Experiment, Run } from '../../client/records.ts'

/** The last run of each experiment by its id; none yet for those that are not known, undefined for those without runs. */
export type LastRuns = ReadonlyMap<string, Run | undefined>

const AT_ONCE = 4

/** Asks for the last run of every experiment, a few at a time; one that cannot be asked stays without. */
export function useLastRuns(experiments: readonly Experiment[] | undefined): LastRuns {
  const client = useClient()
  const [lastRuns, setLastRuns] = useState<LastRuns>(new Map())
  useEffect(() => {
    const controller = new AbortController()
    const waiting = (experiments ?? []).map(({ id }) => id)
    const work = async (): Promise<void> => {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
        const asked = id
        await client.lastRun(asked, controller.signal).then(
          (run) => !controller.signal.aborted && setLastRuns((before) => new Map(before).set(asked, run)),
          () => undefined,
        )
        if (controller.signal.aborted) return
      }
    }
    for (let worker = 0; worker < AT_ONCE; worker++) void work()
    return () => controller.abort()
  }, [experiments, client])
  return lastRuns
}
