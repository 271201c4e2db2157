/** What the kernel tells of a process and of all that it started. Linux. */
import { readdirSync, readFileSync } from 'node:fs'

/** Memory that they hold between them (PSS where the kernel tells, else resident). */
export const memoryBelow = (root) => processesOf(root).reduce((sum, pid) => sum + memoryOf(pid), 0)

/** Time that they have had a core, threads included. On a busy machine it says more than a clock does. */
export const cpuBelow = (root) =>
  processesOf(root).reduce((sum, pid) => {
    const [user, system] = statOf(pid)?.slice(11, 13) ?? [0, 0]
    return sum + (Number(user) + Number(system)) / TICKS_PER_SECOND
  }, 0)

/** What Linux reports in, wherever Node runs (sysconf, _SC_CLK_TCK). */
const TICKS_PER_SECOND = 100

/** A process and all that it started, however deep: some servers give their workers groups of their own. */
export function processesOf(root) {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => [Number(pid), Number(statOf(pid)?.[1])]),
  )
  const found = [root]
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child)
  return found
}

/** The fields after the name in brackets: state, parent, group, ... */
function statOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')
  } catch {
    return undefined
  }
}

function memoryOf(pid) {
  for (const [file, pattern] of [
    ['smaps_rollup', /^Pss:\s+(\d+)/m],
    ['status', /^VmRSS:\s+(\d+)/m],
  ]) {
    try {
      return 1024 * Number(pattern.exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))[1])
    } catch {}
  }
  return 0
}
