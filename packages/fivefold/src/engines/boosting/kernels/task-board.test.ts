import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTaskBoard, describeWork, publishWork, type TaskBoard, takeCalls, waitUntilDone } from './task-board.ts'

// Threads run what was built: they have no loader for TypeScript.
const BUILT = new URL('../../../../dist/engines/boosting/kernels/task-board.js', import.meta.url).href

/** Notes which calls were done, by their only argument. */
function notes() {
  const done: number[] = []
  return { done, tasks: [(value: number) => void done.push(value), (value: number) => void done.push(-value)] }
}

const callsTo = (count: number): number[][] => Array.from({ length: count }, (_, i) => [i + 1])

function runAlone(board: TaskBoard, task: number, count: number, tasks: Parameters<typeof takeCalls>[1]): number {
  describeWork(board, task, callsTo(count))
  const generation = publishWork(board)
  takeCalls(board, tasks, generation)
  waitUntilDone(board)
  return generation
}

describe('the task board', () => {
  it('does each call once, in any order of work', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1), fc.integer({ min: 1, max: 40 })), { maxLength: 20 }), (works) => {
        const board = createTaskBoard()
        const { done, tasks } = notes()
        for (const [task, count] of works) runAlone(board, task, count, tasks)
        expect(done).toEqual(works.flatMap(([task, count]) => callsTo(count).map(([i]) => (task === 0 ? i! : -i!))))
      }),
    )
  })

  it('gives a latecomer of earlier work nothing of work that is being written', () => {
    const board = createTaskBoard()
    const { done, tasks } = notes()
    const earlier = runAlone(board, 0, 2, tasks)
    done.length = 0
    describeWork(board, 1, callsTo(5))
    takeCalls(board, tasks, earlier)
    expect(done).toEqual([])
    const generation = publishWork(board)
    takeCalls(board, tasks, earlier)
    expect(done).toEqual([])
    takeCalls(board, tasks, generation)
    waitUntilDone(board)
    expect(done).toEqual([-1, -2, -3, -4, -5])
  })

  it('is shared by threads that each take what is left, over 200,000 pieces of work', async () => {
    const board = createTaskBoard()
    const counts = new Int32Array(new SharedArrayBuffer(64 * 4))
    const url = new URL('./task-board.reference.mjs', import.meta.url)
    const workers = Array.from(
      { length: Math.max(2, availableParallelism()) },
      () => new Worker(url, { workerData: { board, counts, module: BUILT } }),
    )
    try {
      await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))))
      const tasks = [(value: number) => void Atomics.add(counts, value, 1)]
      for (let round = 0; round < 200_000; round++) {
        const count = 1 + ((round * 7) % 13)
        describeWork(board, 0, callsTo(count))
        takeCalls(board, tasks, publishWork(board))
        waitUntilDone(board)
        for (let call = 1; call <= count; call++)
          if (Atomics.exchange(counts, call, 0) !== 1) throw new Error(`round ${round}: call ${call} was not done once`)
      }
    } finally {
      await Promise.all(workers.map((worker) => worker.terminate()))
    }
  }, 120_000)
})
