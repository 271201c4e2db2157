import type { FastifyRequest } from 'fastify'
import { FivefoldError } from '../../../core/index.ts'

/** The body as it came; each route reads it itself, since each has rules of its own about numbers. */
export function bodyOf(request: FastifyRequest): Buffer {
  if (Buffer.isBuffer(request.body)) return request.body
  throw new FivefoldError('REQUEST_INVALID', 'the request has no body')
}
