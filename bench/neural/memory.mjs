import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { progress, showTable } from '../boosting/terminal.mjs'

const CHILD = fileURLToPath(new URL('train-long.mjs', import.meta.url))

/** One long training run of each case in a process of its own: resident memory along the way, and the event loop's delay. */
export function measureMemory({ cases, threads, steps }) {
  const results = cases.flatMap((name) =>
    threads.map((count) => {
      progress(`${name}: ${steps} steps, ${count} threads`)
      const request = JSON.stringify({ name, steps, threads: count })
      return JSON.parse(execFileSync(process.execPath, [CHILD, request], { stdio: ['ignore', 'pipe', 'inherit'] }))
    }),
  )
  showTable(results)
  return { measured: 'memory and event-loop delay', results }
}
