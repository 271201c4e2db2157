import { parentPort, workerData } from 'node:worker_threads'
import { answerWorkerCalls } from '../../../core/index.ts'
import { joinExchange } from './gradient-exchange.ts'
import { createStepExecutor } from './step-executor.ts'
import { executorFunctions, type TrainerWorkerInput } from './trainer-protocol.ts'

const { plan, exchange, worker } = workerData as TrainerWorkerInput
const create = () => createStepExecutor(plan, exchange && joinExchange(exchange, worker))
answerWorkerCalls(parentPort!, executorFunctions(create))
