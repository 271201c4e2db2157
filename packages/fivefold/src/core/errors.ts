import { CATEGORY_STATUS, ERROR_CODES, type ErrorCategory, type ErrorCode } from './error-codes.ts'

/** One place where something is wrong: a config key, a row and column, a graph node. */
export interface Issue {
  /** Path of keys and indexes from the root of the checked value; `['rows', 3, 'age']`. */
  readonly path: readonly (string | number)[]
  readonly message: string
}

export interface ErrorDetails {
  readonly issues?: readonly Issue[]
  /** What to do, where it can be said more exactly than the registry does. */
  readonly remedy?: string
  readonly cause?: unknown
}

/** The one error class: a code of the registry, a message that names the place, and what to do. */
export class FivefoldError extends Error {
  readonly code: ErrorCode
  readonly issues: readonly Issue[]
  readonly remedy: string

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'FivefoldError'
    this.code = code
    this.issues = details.issues ?? []
    this.remedy = details.remedy ?? ERROR_CODES[code].remedy
  }

  get category(): ErrorCategory {
    return ERROR_CODES[this.code].category
  }
  get exitCode(): number {
    return CATEGORY_STATUS[this.category].exitCode
  }
  get httpStatus(): number {
    return CATEGORY_STATUS[this.category].httpStatus
  }
  get grpcStatus(): number {
    return CATEGORY_STATUS[this.category].grpcStatus
  }

  /** Turns anything thrown into a FivefoldError: system errors get their code, the rest keeps its cause under `fallback`. */
  static from(thrown: unknown, fallback: ErrorCode = 'INTERNAL'): FivefoldError {
    if (thrown instanceof FivefoldError) return thrown
    const { code, name, message } = describe(thrown)
    if (name === 'AbortError') return new FivefoldError('CANCELLED', 'interrupted', { cause: thrown })
    const known = SYSTEM_CODES[code]
    return new FivefoldError(known ?? fallback, message, { cause: thrown })
  }
}

const SYSTEM_CODES: Record<string, ErrorCode> = {
  ENOSPC: 'STORAGE_FULL',
  SQLITE_FULL: 'STORAGE_FULL',
  EDQUOT: 'STORAGE_FULL',
  EACCES: 'STORAGE_DENIED',
  EPERM: 'STORAGE_DENIED',
  EROFS: 'STORAGE_DENIED',
  ENOTDIR: 'STORAGE_DENIED',
  EISDIR: 'STORAGE_DENIED',
  EEXIST: 'STORAGE_DENIED',
  EADDRINUSE: 'PORT_IN_USE',
}

function describe(thrown: unknown): { code: string; name: string; message: string } {
  if (!(thrown instanceof Error)) return { code: '', name: '', message: String(thrown) }
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
  return { code, name: thrown.name, message: thrown.message }
}
