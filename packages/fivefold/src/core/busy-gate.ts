/**
 * A cell that a thread and a worker share: the worker shows there that it is busy, and is told there to begin nothing more.
 *
 * Native code must not lose its thread in the middle of a run: ONNX Runtime then aborts the whole process. What ends a process,
 * such as `process.exit()`, ends its threads without asking, so it has to wait here first.
 */
export type BusyGate = SharedArrayBuffer

const BUSY = 0
const CLOSED = 1

/** However long a call takes, a process that was told to exit does not wait longer. */
const EXIT_WAIT_MS = 30_000

export const createBusyGate = (): BusyGate => new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)

/** In the worker: does the work, unless the gate is closed: then it never answers, since the process is about to end. */
export async function throughGate<Result>(gate: BusyGate, work: () => Promise<Result>): Promise<Result | undefined> {
  const cells = new Int32Array(gate)
  // Busy first, then the look at the gate: seen from the other side, either the work is under way or it never begins.
  Atomics.store(cells, BUSY, 1)
  try {
    return Atomics.load(cells, CLOSED) === 1 ? undefined : await work()
  } finally {
    Atomics.store(cells, BUSY, 0)
    Atomics.notify(cells, BUSY)
  }
}

/** What is done with a gate when the process ends. */
interface GuardedGate {
  readonly gate: BusyGate
  readonly interrupt: () => void
}

const guarded = new Set<GuardedGate>()

/**
 * Lets the process end only when no work is behind the gate.
 *
 * @param interrupt called before the wait: frees work that waits for other threads
 * @returns takes the gate off the list again
 */
export function guardExit(gate: BusyGate, interrupt: () => void): () => void {
  const entry = { gate, interrupt }
  if (guarded.size === 0) process.on('exit', finishGuarded)
  guarded.add(entry)
  return () => {
    guarded.delete(entry)
    if (guarded.size === 0) process.off('exit', finishGuarded)
  }
}

function finishGuarded(): void {
  const deadlineMs = Date.now() + EXIT_WAIT_MS
  const cells = Array.from(guarded, ({ gate }) => new Int32Array(gate))
  for (const cell of cells) Atomics.store(cell, CLOSED, 1)
  for (const { interrupt } of guarded) interrupt()
  for (const cell of cells) Atomics.wait(cell, BUSY, 1, Math.max(0, deadlineMs - Date.now()))
}
