import { parentPort, workerData } from 'node:worker_threads'

/** A thread that counts which calls it does. */
const { board, counts, module } = workerData
const { takeCalls, waitForWork } = await import(module)
const tasks = [(value) => void Atomics.add(counts, value, 1)]
parentPort.postMessage('ready')
for (let generation = 0; ; ) {
  generation = waitForWork(board, generation)
  takeCalls(board, tasks, generation)
}
