import type { Fact, Section } from '../report/index.ts'
import type { LabelIssues } from './label-issues.ts'
import type { Latency } from './measure-latency.ts'
import type { PermutationImportance } from './permutation-importance.ts'

/** What stands beside the evaluation in its report. */
export interface ReportExtras {
  /** Name of the model; part of the title. */
  readonly model?: string
  /** Lines of the head: data hash, run, versions. */
  readonly facts?: readonly Fact[]
  readonly latency?: Latency
  readonly sizeBytes?: number
  /** What the model loses without each column. */
  readonly importance?: PermutationImportance
  readonly labelIssues?: LabelIssues
  /** Further sections, put at the end. */
  readonly sections?: readonly Section[]
}
