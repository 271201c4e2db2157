import { createTaskRunner, PASSES, type Pass, taskCount } from './passes.ts'
import type { SharedProblem } from './shared-problem.ts'

/**
 * Slots of `control`. A thread claims a task by decrementing LEFT: what it got is valid when positive, whichever pass
 * it belongs to, and the pass is read only after the claim. So a thread that is late can neither take a task twice nor
 * run it for the wrong pass, and one that never starts is not missed.
 */
const EPOCH = 0
const PASS = 1
const LEFT = 2
const DONE = 3

/** Runs passes over the data on the calling thread and on every helper that shares the problem. */
export interface ThreadTeam {
  run(pass: Pass): void
}

export function createThreadTeam(problem: SharedProblem): ThreadTeam {
  const runTask = createTaskRunner(problem)
  const { control } = problem
  return {
    run(pass) {
      const total = taskCount(problem, pass)
      Atomics.store(control, PASS, PASSES.indexOf(pass))
      Atomics.store(control, DONE, 0)
      Atomics.store(control, LEFT, total)
      Atomics.add(control, EPOCH, 1)
      Atomics.notify(control, EPOCH)
      workThrough(control, runTask)
      for (let done = Atomics.load(control, DONE); done < total; done = Atomics.load(control, DONE))
        Atomics.wait(control, DONE, done)
    },
  }
}

/** Serves passes until the thread is terminated. */
export function helpForever(problem: SharedProblem): never {
  const runTask = createTaskRunner(problem)
  const { control } = problem
  for (;;) {
    const epoch = Atomics.load(control, EPOCH)
    workThrough(control, runTask)
    Atomics.wait(control, EPOCH, epoch)
  }
}

function workThrough(control: Int32Array, runTask: (pass: Pass, task: number) => void): void {
  for (let task = Atomics.sub(control, LEFT, 1); task > 0; task = Atomics.sub(control, LEFT, 1)) {
    runTask(PASSES[Atomics.load(control, PASS)]!, task - 1)
    Atomics.add(control, DONE, 1)
    Atomics.notify(control, DONE)
  }
}
