/** The canary, or the control of the same size that the stable version answers. */
export type CanaryGroup = 'canary' | 'control'

interface CanaryEventBase {
  readonly group: CanaryGroup
  /** Value of the sticky header; each key counts once for a criterion. */
  readonly key?: string
  /** Epoch milliseconds. */
  readonly timeMs: number
}

/** A request was answered. */
export interface CanaryAnswer extends CanaryEventBase {
  readonly kind: 'answer'
  readonly latencyMs: number
  /** False where the model failed. */
  readonly ok: boolean
}

/** What came of a request that was answered before. */
export interface CanaryOutcome extends CanaryEventBase {
  readonly kind: 'outcome'
  readonly name: string
  readonly value: number
}

export type CanaryEvent = CanaryAnswer | CanaryOutcome
