import { type ErrorCode, FivefoldError } from '../../../core/index.ts'

const CODES: Readonly<Record<string, ErrorCode>> = {
  RESOURCE_DOES_NOT_EXIST: 'RUN_NOT_FOUND',
  RESOURCE_ALREADY_EXISTS: 'STORE_CONFLICT',
  INVALID_PARAMETER_VALUE: 'OPTION_INVALID',
  BAD_REQUEST: 'OPTION_INVALID',
  INVALID_STATE: 'OPTION_INVALID',
}

/** What a tracking server, or the way to it, answered. */
export class WireError extends FivefoldError {
  /** 0 where the server was not reached. */
  readonly status: number
  /** MLflow's own code. */
  readonly wireCode: string

  constructor(code: ErrorCode, message: string, status: number, wireCode: string, details = {}) {
    super(code, message, details)
    this.status = status
    this.wireCode = wireCode
  }

  static unreachable(place: string, cause: unknown): WireError {
    const reason = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : String(cause)
    return new WireError('STORE_UNAVAILABLE', `${place} cannot be reached: ${reason}`, 0, '', { cause })
  }

  static refused(status: number, body: string): WireError {
    const { error_code: wireCode = '', message = body.slice(0, 500) } = parse(body)
    const isLogin = status === 401 || status === 403
    const text = `the tracking server answered ${status}: ${message}`
    const remedy = isLogin ? { remedy: 'Pass a token of the server that may write.' } : {}
    return new WireError(CODES[wireCode] ?? codeOfStatus(status), text, status, wireCode, remedy)
  }

  /** Whether this call is refused for what it says, so that it is of no use to repeat it. */
  get isFinal(): boolean {
    const { status, wireCode } = this
    if (status === 400 || status === 413 || status === 422) return true
    // A proxy or another kind of server answers without MLflow's code.
    return wireCode !== '' && status > 400 && status < 500 && ![401, 403, 408, 409, 425, 429].includes(status)
  }
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 404) return 'RUN_NOT_FOUND'
  if (status === 413) return 'REQUEST_TOO_LARGE'
  return status >= 400 && status < 500 && status !== 401 && status !== 403 ? 'OPTION_INVALID' : 'STORE_UNAVAILABLE'
}

function parse(body: string): { error_code?: string; message?: string } {
  try {
    const value = JSON.parse(body) as unknown
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
