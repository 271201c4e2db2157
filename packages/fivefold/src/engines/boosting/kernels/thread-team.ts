import { type BinningTasks, createBinningTasks } from '../binning/binning.ts'
import { type CategoryTasks, createCategoryTasks } from '../grower/category-splits.ts'
import { createLossTasks, type LossTasks } from '../loss/loss-tasks.ts'
import type { Kernels } from './kernels.ts'
import type { Workspace } from './workspace.ts'

/** What a thread can be told to do: any kernel of training, or what is done in TypeScript. */
type Tasks = Omit<Kernels, Extract<keyof Kernels, `predict${string}`>> & BinningTasks & LossTasks & CategoryTasks
type TaskName = keyof Tasks

/** Fixed numbers for names, the same in all threads of a build. */
const TASK_NAMES = [
  'sortFloats',
  'binColumn',
  'logisticLink',
  'softmaxLink',
  'squaredLoss',
  'gradientStatistics',
  'quantiseGradients',
  'separateSample',
  'leafGradientSums',
  'accumulateHistogram',
  'accumulateLists',
  'countOthers',
  'startLists',
  'listOthers',
  'countBins',
  'clearCells',
  'finishHistogram',
  'copyBytes',
  'findBestSplit',
  'findBestSplits',
  'findBestSplitLimited',
  'partitionRecords',
  'addLeafValue',
  'addTreeToScores',
  'cutFeature',
  'binRowRange',
  'countRowLists',
  'fillRowLists',
  'pointwiseGradients',
  'pointwiseLosses',
  'rankingGradients',
  'rankingLosses',
  'residualQuantile',
  'partitionBySides',
  'findCategorySplit',
] as const satisfies TaskName[]

/** Threads that share the work of one trainer. */
export interface ThreadTeam {
  readonly size: number
  /**
   * Runs a task once for each list of arguments, in any order and on any thread, and returns when all are done.
   * @param work about how many elements are touched; little work is not worth waking others for
   */
  run<Name extends TaskName>(
    task: Name,
    calls: readonly Readonly<Parameters<Tasks[Name]>>[],
    work: number,
  ): Float64Array
}

/** Below this many touched elements, telling another thread costs more than it saves. */
const LEAST_SHARED_WORK = 8192
const MAX_CALLS = 1024
const MAX_ARGUMENTS = 20
/** Polls before a waiting thread goes to sleep: some hundred microseconds, more than most gaps between tasks. */
const SPIN_LIMIT = 20_000

type AnyTask = (...args: number[]) => number | undefined

function tasksOf(workspace: Workspace): AnyTask[] {
  const tasks: Tasks = {
    ...workspace.kernels,
    ...createBinningTasks(workspace),
    ...createLossTasks(workspace),
    ...createCategoryTasks(workspace),
  }
  return TASK_NAMES.map((name) => tasks[name] as AnyTask)
}

/** A team of one. */
export function createInlineTeam(workspace: Workspace): ThreadTeam {
  const tasks = tasksOf(workspace)
  return { size: 1, run: (task, calls) => runInline(tasks[TASK_NAMES.indexOf(task)]!, calls) }
}

function runInline(task: AnyTask, calls: readonly (readonly number[])[]): Float64Array {
  const results = new Float64Array(calls.length)
  for (let i = 0; i < calls.length; i++) results[i] = task(...calls[i]!) ?? 0
  return results
}

/** Positions in the control words of a board. */
const TICKET = 0
const GENERATION = 1
const DONE = 2
const CALL_COUNT = 3
const TASK = 4
const SLEEPERS = 5
const CONTROL_WORDS = 16

/**
 * Where the first thread posts work and the others take it. A ticket holds the generation of the work in its upper
 * half and the next call in its lower half, so that one compare-and-exchange both claims a call and proves that the
 * work is still the one that was read.
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

/** The team as its first thread sees it; the others run `serveBoard`. */
export function createSharedTeam(workspace: Workspace, board: TaskBoard, size: number): ThreadTeam {
  const tasks = tasksOf(workspace)
  return {
    size,
    run: (task, calls, work) => {
      const taskNumber = TASK_NAMES.indexOf(task)
      if (calls.length < 2 || work < LEAST_SHARED_WORK) return runInline(tasks[taskNumber]!, calls)
      const results = new Float64Array(calls.length)
      for (let first = 0; first < calls.length; first += MAX_CALLS)
        results.set(runShared(board, tasks, taskNumber, calls.slice(first, first + MAX_CALLS)), first)
      return results
    },
  }
}

function runShared(
  board: TaskBoard,
  tasks: AnyTask[],
  task: number,
  calls: readonly (readonly number[])[],
): Float64Array {
  const { control } = board
  for (const [i, args] of calls.entries()) board.args.set(args, i * MAX_ARGUMENTS)
  control[CALL_COUNT] = calls.length
  control[TASK] = task
  Atomics.store(control, DONE, 0)
  const generation = (Atomics.load(control, GENERATION) + 1) & 0x7fff
  Atomics.store(control, TICKET, generation << 16)
  Atomics.store(control, GENERATION, generation)
  wake(control, GENERATION)
  takeCalls(board, tasks, generation)
  waitForChange(control, DONE, (done) => done === calls.length)
  return board.results.slice(0, calls.length)
}

/** The life of every thread but the first; ends only with its worker. */
export function serveBoard(workspace: Workspace, board: TaskBoard): never {
  const tasks = tasksOf(workspace)
  let generation = 0
  for (;;) {
    generation = waitForChange(board.control, GENERATION, (current) => current !== generation)
    takeCalls(board, tasks, generation)
  }
}

function takeCalls({ control, args, results }: TaskBoard, tasks: AnyTask[], generation: number): void {
  for (;;) {
    const ticket = Atomics.load(control, TICKET)
    const call = ticket & 0xffff
    const callCount = control[CALL_COUNT]!
    const task = control[TASK]!
    if (ticket >>> 16 !== generation || call >= callCount) return
    // Fails where another thread took the call, or where the work changed while it was read.
    if (Atomics.compareExchange(control, TICKET, ticket, ticket + 1) !== ticket) continue
    const at = call * MAX_ARGUMENTS
    results[call] = Reflect.apply(tasks[task]!, undefined, args.subarray(at, at + MAX_ARGUMENTS)) ?? 0
    if (Atomics.add(control, DONE, 1) + 1 === callCount) wake(control, DONE)
  }
}

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
