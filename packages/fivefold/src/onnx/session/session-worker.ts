import { parentPort } from 'node:worker_threads'
import { answerWorkerCalls, FivefoldError, movingBuffers, type WorkerFunctions } from '../../core/index.ts'
import { buffersOf } from './detached-tensors.ts'
import { createSession, type OnnxSession } from './session.ts'
import type { SessionFunctions } from './worker-session.ts'

let session: OnnxSession | undefined

const functions: SessionFunctions = {
  async load(model, options) {
    session = await createSession(model, options)
    return { inputs: session.inputs, outputs: session.outputs }
  },
  async run(feeds, outputs) {
    if (session === undefined) throw new FivefoldError('INTERNAL', 'no model is loaded')
    const results = await session.run(feeds, outputs)
    return movingBuffers(results, buffersOf(results))
  },
}

if (parentPort) answerWorkerCalls(parentPort, functions satisfies WorkerFunctions)

// The runtime's memory is the process's, and would outlive the thread. What frees it runs before the first await.
process.on('exit', () => void session?.close())
