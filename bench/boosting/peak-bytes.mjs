import { existsSync, readFileSync } from 'node:fs'

const STATUS = '/proc/self/status'

/** Largest resident set of this process so far (VmHWM), null where the system does not tell. */
export function peakBytes() {
  if (!existsSync(STATUS)) return null
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(STATUS, 'utf8'))[1]) * 1024
}
