/** A task under its number, with the arguments of a call as plain numbers. */
export type AnyTask = (...args: number[]) => number | undefined

/** Most calls of one piece of work. */
export const MAX_CALLS = 1024
const MAX_ARGUMENTS = 20
/** Polls before a waiting thread goes to sleep: some hundred microseconds, more than most gaps between tasks. */
const SPIN_LIMIT = 20_000

/** Positions in the control words of a board. */
const TICKET = 0
const GENERATION = 1
const DONE = 2
const CALL_COUNT = 3
const TASK = 4
const SLEEPERS = 5
const CONTROL_WORDS = 16

/**
 * Where the first thread posts work and the others take it. A ticket holds the generation of the work in its upper half
 * and the number of calls that are still to be taken in its lower half, so that it alone says whether there is anything to
 * take: task, arguments and count are read only by who has taken a call, since they stay as they are until that call
 * is done. Work that is being written is behind a ticket without calls.
 */
export interface TaskBoard {
  readonly control: Int32Array
  readonly args: Float64Array
  readonly results: Float64Array
}

export function createTaskBoard(): TaskBoard {
  return {
    control: new Int32Array(new SharedArrayBuffer(CONTROL_WORDS * 4)),
    args: new Float64Array(new SharedArrayBuffer(MAX_CALLS * MAX_ARGUMENTS * 8)),
    results: new Float64Array(new SharedArrayBuffer(MAX_CALLS * 8)),
  }
}

/** Writes work that nobody can take yet. All earlier work must be done. */
export function describeWork({ control, args }: TaskBoard, task: number, calls: readonly (readonly number[])[]): void {
  for (const [i, call] of calls.entries()) args.set(call, i * MAX_ARGUMENTS)
  control[CALL_COUNT] = calls.length
  control[TASK] = task
  Atomics.store(control, DONE, 0)
}

/** Lets the described work be taken; returns its generation. */
export function publishWork({ control }: TaskBoard): number {
  const generation = (Atomics.load(control, GENERATION) + 1) & 0x7fff
  Atomics.store(control, TICKET, (generation << 16) | control[CALL_COUNT]!)
  Atomics.store(control, GENERATION, generation)
  wake(control, GENERATION)
  return generation
}

/** Takes calls of a generation until none is left, and does them. */
export function takeCalls({ control, args, results }: TaskBoard, tasks: readonly AnyTask[], generation: number): void {
  for (;;) {
    const ticket = Atomics.load(control, TICKET)
    const left = ticket & 0xffff
    if (ticket >>> 16 !== generation || left === 0) return
    // Fails where another thread took the call.
    if (Atomics.compareExchange(control, TICKET, ticket, ticket - 1) !== ticket) continue
    const callCount = control[CALL_COUNT]!
    const call = callCount - left
    const at = call * MAX_ARGUMENTS
    results[call] = Reflect.apply(tasks[control[TASK]!]!, undefined, args.subarray(at, at + MAX_ARGUMENTS)) ?? 0
    if (Atomics.add(control, DONE, 1) + 1 === callCount) wake(control, DONE)
  }
}

export function waitUntilDone({ control }: TaskBoard): void {
  const callCount = control[CALL_COUNT]!
  waitForChange(control, DONE, (done) => done === callCount)
}

/** Returns the generation of the work that comes after `generation`. */
export const waitForWork = ({ control }: TaskBoard, generation: number): number =>
  waitForChange(control, GENERATION, (current) => current !== generation)

/** Polls for a while, then sleeps: spinning for long would take the core from the thread that is waited for. */
function waitForChange(control: Int32Array, index: number, isReached: (value: number) => boolean): number {
  for (let spins = 0; ; spins++) {
    const value = Atomics.load(control, index)
    if (isReached(value)) return value
    if (spins < SPIN_LIMIT) continue
    Atomics.add(control, SLEEPERS, 1)
    Atomics.wait(control, index, value, 1000)
    Atomics.sub(control, SLEEPERS, 1)
  }
}

/**
 * A call to the system, hence only where somebody sleeps. Who counts himself a sleeper after this look sees the change
 * that came before it, and does not fall asleep.
 */
function wake(control: Int32Array, index: number): void {
  if (Atomics.load(control, SLEEPERS) > 0) Atomics.notify(control, index)
}
