import { parentPort, workerData } from 'node:worker_threads'
import type { SharedProblem } from './shared-problem.ts'
import { solveProblem } from './solve.ts'
import { helpForever } from './thread-team.ts'

/** One thread of a fit: the first solves, the others help it with passes over the data. */
const { problem, role } = workerData as { problem: SharedProblem; role: 'solver' | 'helper' }

if (role === 'helper') helpForever(problem)
const solved = solveProblem(problem, (iteration, value) => parentPort?.postMessage({ iteration, value }))
parentPort?.postMessage({ solved })
