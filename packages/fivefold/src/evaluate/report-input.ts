import type { Fact, Section } from '../report/index.ts'
import type { LabelIssues } from './label-issues.ts'
import type { Latency } from './measure-latency.ts'

/** What stands beside the evaluation in its report. */
export interface ReportExtras {
  /** Name of the model; part of the title. */
  readonly model?: string
  /** Lines of the head: data hash, run, versions. */
  readonly facts?: readonly Fact[]
  readonly latency?: Latency
  readonly sizeBytes?: number
  /** Importance of each column, most important first, with a 95% interval where there is one. */
  readonly importances?: readonly Importance[]
  readonly labelIssues?: LabelIssues
  /** Further sections, put at the end. */
  readonly sections?: readonly Section[]
}

export interface Importance {
  readonly name: string
  readonly value: number
  readonly low?: number
  readonly high?: number
}
