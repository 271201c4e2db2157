export { recoverFolder, writeFileAtomic, writeFolderAtomic } from './atomic-write.ts'
export {
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
  silentLogger,
  systemClock,
  throwIfCancelled,
} from './context.ts'
export { CATEGORY_STATUS, ERROR_CODES, type ErrorCategory, type ErrorCode } from './error-codes.ts'
export { type ErrorDetails, FivefoldError, type Issue } from './errors.ts'
export { didYouMean, nearestName } from './nearest-name.ts'
export { isOwnerGone, OWNER_TAG, OWNER_TAG_PATTERN } from './process-owner.ts'
export { createRng, type Rng } from './rng.ts'
export { version } from './version.ts'
export { workerUrl } from './worker-url.ts'
