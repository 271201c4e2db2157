import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Computed once: the first tag is made while the module loads. */
let place = ''

/**
 * What goes into the name of a temporary file or folder, so that a later process can tell whether its owner still lives:
 * process id, when it was started, and where ids mean the same (machine, boot, container).
 */
export const OWNER_TAG: string = `${process.pid}-${startOf(process.pid) ?? 0}-${placeOfIds()}`
/** Matches a tag inside a name. */
export const OWNER_TAG_PATTERN = '[0-9]+-[0-9]+-[0-9a-f]{12}'

/** Whether the process of a tag has ended for certain. False wherever it cannot be known, as for another machine's. */
export function isOwnerGone(tag: string): boolean {
  const [pid = '', started = '', elsewhere] = tag.split('-')
  if (elsewhere !== placeOfIds()) return false
  const now = startOf(Number(pid))
  // A process of the same id that was started at another time is another process.
  if (now !== undefined) return Number(started) !== now
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Clock ticks from boot to the start of a process; undefined where there is no such process or no /proc. */
function startOf(pid: number): number | undefined {
  const text = readOr(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  // The second field is the program's name in parentheses and may hold anything; the start is the 20th after it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return text === '' ? undefined : Number(fields[19])
}

function placeOfIds(): string {
  if (place !== '') return place
  const boot = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')
  const parts = [hostname(), readOr(boot), readOr(() => readlinkSync('/proc/self/ns/pid'))]
  place = createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12)
  return place
}

function readOr(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}
