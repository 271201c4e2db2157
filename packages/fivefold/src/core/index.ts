export { recoverFolder, writeFileAtomic, writeFolderAtomic } from './atomic-write.ts'
export {
  type ChildRun,
  type Clock,
  type Context,
  type ContextOptions,
  createContext,
  forkContext,
  type Logger,
  nullRunSink,
  type ProgressEvent,
  type ProgressSink,
  type RunSink,
  type RunStatusAtEnd,
  silentLogger,
  systemClock,
  throwIfCancelled,
} from './context.ts'
export { CATEGORY_STATUS, ERROR_CODES, type ErrorCategory, type ErrorCode } from './error-codes.ts'
export { type ErrorDetails, FivefoldError, type Issue } from './errors.ts'
export { LOOPBACK_HOSTS, listenError, reachableHost } from './listen-address.ts'
export { didYouMean, nearestName } from './nearest-name.ts'
export { isOwnerGone, OWNER_TAG, OWNER_TAG_PATTERN } from './process-owner.ts'
export { createRng, type Rng } from './rng.ts'
export { version } from './version.ts'
export {
  answerWorkerCalls,
  movingBuffers,
  startWorker,
  type WorkerCaller,
  type WorkerFunctions,
} from './worker-calls.ts'
export { workerUrl } from './worker-url.ts'
