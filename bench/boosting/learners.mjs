/**
 * Libraries as processes. A request, one line of JSON, is { folder, parameters, rounds, threads }: a data set's folder (see
 * data-set-files.mjs) and what to train. The process reads the data set unless it has it already, trains, writes its
 * predictions of the test rows into the folder as doubles, and answers { trainSeconds, predictSeconds, peakBytes }.
 * Training time is from the matrix in memory to the trained model, binning included, data files excluded. The peak is the
 * largest resident set when training ends: runtime and library, the float32 matrices of training and test rows, and
 * everything that training needed.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { readNumbers } from './data-set-files.mjs'
import { findPython } from './python.mjs'

const OURS = fileURLToPath(new URL('ours.mjs', import.meta.url))
const PEERS = fileURLToPath(new URL('peers.py', import.meta.url))

/** Names of the libraries that can be run here, ours first. */
export function availableLibraries() {
  return findPython() === undefined ? ['ours'] : ['ours', 'xgboost', 'lightgbm']
}

/** Starts a library's process. */
export async function startLearner(library) {
  const [command, args] = library === 'ours' ? [process.execPath, [OURS]] : [findPython(), [PEERS, library]]
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const read = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`the process of ${library} ended early; its messages are above`)
    return JSON.parse(value)
  }
  const { version } = await read()
  return {
    version,
    train: async (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`)
      const answer = await read()
      return { ...answer, version, predictions: readNumbers(join(request.folder, 'predictions'), Float64Array) }
    },
    stop: () => child.stdin.end(),
  }
}

/** One training in a process of its own, which starts with nothing compiled and ends afterwards. */
export async function trainAfresh(library, request) {
  const learner = await startLearner(library)
  try {
    return await learner.train(request)
  } finally {
    learner.stop()
  }
}
