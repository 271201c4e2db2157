import { parentPort, workerData } from 'node:worker_threads'
import { answerWorkerCalls } from '../../../core/index.ts'
import { joinExchange } from './gradient-exchange.ts'
import { createStepExecutor } from './step-executor.ts'
import { executorFunctions, type TrainerWorkerInput } from './trainer-protocol.ts'

const { plan, exchange, worker } = workerData as TrainerWorkerInput
const executor = createStepExecutor(plan, exchange && joinExchange(exchange, worker))
// A plan that does not load is reported by the first call; nobody else waits for this promise.
executor.catch(() => {})
answerWorkerCalls(parentPort!, executorFunctions(executor))
