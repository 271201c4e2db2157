/** `fivefold/lambda`: an entry of its own, so that a function loads nothing but what serves. */
export { createLambdaHandler, type LambdaHandler, type LambdaOptions } from './handler.ts'
export type { HttpResult } from './http-event.ts'
