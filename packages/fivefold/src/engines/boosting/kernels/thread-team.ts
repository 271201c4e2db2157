import { type BinningTasks, createBinningTasks } from '../binning/binning.ts'
import { type CategoryTasks, createCategoryTasks } from '../grower/category-splits.ts'
import { createLossTasks, type LossTasks } from '../loss/loss-tasks.ts'
import type { Kernels } from './kernels.ts'
import {
  type AnyTask,
  describeWork,
  MAX_CALLS,
  publishWork,
  type TaskBoard,
  takeCalls,
  waitForWork,
  waitUntilDone,
} from './task-board.ts'
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
  describeWork(board, task, calls)
  const generation = publishWork(board)
  takeCalls(board, tasks, generation)
  waitUntilDone(board)
  return board.results.slice(0, calls.length)
}

/** The life of every thread but the first; ends only with its worker. */
export function serveBoard(workspace: Workspace, board: TaskBoard): never {
  const tasks = tasksOf(workspace)
  let generation = 0
  for (;;) {
    generation = waitForWork(board, generation)
    takeCalls(board, tasks, generation)
  }
}
