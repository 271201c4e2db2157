import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { progress, showTable } from './terminal.mjs'

const CHILD = fileURLToPath(new URL('train-large.mjs', import.meta.url))
const FEATURES = 28

/** One training of many rows in a process of its own, for each number of threads: seconds and largest resident set. */
export function measureMemory({ rows = 10_000_000, rounds = 10, threads }) {
  const results = threads.map((count) => {
    progress(`${rows} x ${FEATURES} rows, ${rounds} rounds, ${count} threads`)
    const request = JSON.stringify({ rows, features: FEATURES, rounds, threads: count })
    return JSON.parse(execFileSync(process.execPath, [CHILD, request], { stdio: ['ignore', 'pipe', 'inherit'] }))
  })
  showTable(results)
  return {
    measured: 'memory',
    peakBytesIncludes: 'the runtime, the float32 matrix and its target, and all that training needed',
    results,
  }
}
