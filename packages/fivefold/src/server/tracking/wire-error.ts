import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type Context, type ErrorCode, FivefoldError } from '../../core/index.ts'

/** MLflow's error codes that are answered here, with their HTTP status. */
const STATUS = {
  INVALID_PARAMETER_VALUE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  RESOURCE_DOES_NOT_EXIST: 404,
  ENDPOINT_NOT_FOUND: 404,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_IMPLEMENTED: 501,
  TEMPORARILY_UNAVAILABLE: 503,
  INTERNAL_ERROR: 500,
} as const

export type WireErrorCode = keyof typeof STATUS

const WIRE_CODES: Partial<Record<ErrorCode, WireErrorCode>> = {
  OPTION_INVALID: 'INVALID_PARAMETER_VALUE',
  REQUEST_INVALID: 'INVALID_PARAMETER_VALUE',
  REQUEST_TOO_LARGE: 'INVALID_PARAMETER_VALUE',
  STORE_CONFLICT: 'RESOURCE_ALREADY_EXISTS',
  STORAGE_DENIED: 'INVALID_PARAMETER_VALUE',
  RUN_NOT_FOUND: 'RESOURCE_DOES_NOT_EXIST',
  MODEL_NOT_FOUND: 'RESOURCE_DOES_NOT_EXIST',
  ARTIFACT_NOT_FOUND: 'RESOURCE_DOES_NOT_EXIST',
  TRACE_NOT_FOUND: 'RESOURCE_DOES_NOT_EXIST',
  STORE_UNAVAILABLE: 'TEMPORARILY_UNAVAILABLE',
  STORAGE_FULL: 'TEMPORARILY_UNAVAILABLE',
}

interface WireError {
  readonly code: WireErrorCode
  readonly message: string
}

function toWireError(thrown: unknown): WireError {
  if (thrown instanceof z.ZodError) return { code: 'INVALID_PARAMETER_VALUE', message: describeIssues(thrown) }
  if (thrown instanceof FivefoldError) {
    const code = WIRE_CODES[thrown.code] ?? 'INTERNAL_ERROR'
    return { code, message: code === 'INTERNAL_ERROR' ? 'the server failed on this request' : thrown.message }
  }
  const status = (thrown as Partial<FastifyError> | null)?.statusCode ?? 500
  if (status < 500) return { code: 'INVALID_PARAMETER_VALUE', message: String((thrown as FastifyError).message) }
  // Details of a defect stay in the log: a message may carry paths or data that are nobody's business.
  return { code: 'INTERNAL_ERROR', message: 'the server failed on this request' }
}

const SHOWN_ISSUES = 5

function describeIssues(error: z.ZodError): string {
  return error.issues
    .slice(0, SHOWN_ISSUES)
    .map((issue) => {
      const name = issue.path.join('.')
      const isMissing = issue.code === 'invalid_type' && issue.message.includes('received undefined')
      if (isMissing) return `Missing value for required parameter '${name}'.`
      return `Invalid value for parameter '${name}': ${issue.message}`
    })
    .join(' ')
}

export function sendWireError(reply: FastifyReply, code: WireErrorCode, message: string): FastifyReply {
  return reply.code(STATUS[code]).send({ error_code: code, message })
}

/** Answers what was thrown; defects go to the log. */
export function answerError(
  context: Context,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { code, message } = toWireError(thrown)
  if (STATUS[code] >= 500) {
    const cause = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
    context.log.warn(`request failed: ${request.method} ${request.routeOptions.url ?? ''}: ${cause}`)
  }
  return sendWireError(reply, code, message)
}
