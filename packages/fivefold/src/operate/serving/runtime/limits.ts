export interface ServingLimits {
  /** Largest body. Default 16 MiB. */
  readonly bodyBytes: number
  /** Most rows of a request. Default 10 000. */
  readonly rows: number
  /** How long a request may take to arrive, and how long its answer may take. Default 30 000. */
  readonly timeoutMs: number
}

export const DEFAULT_LIMITS: ServingLimits = { bodyBytes: 16 * 1024 * 1024, rows: 10_000, timeoutMs: 30_000 }
