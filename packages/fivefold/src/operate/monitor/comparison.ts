import type { DriftAspect } from './drift-report.ts'
import type { Finding } from './finding.ts'

/** The outcome of a test that does not yet know what it was about. */
export type Comparison = Omit<Finding, 'subject' | 'aspect'>

export function findingOf(subject: string, aspect: DriftAspect, comparison: Comparison | undefined): Finding[] {
  return comparison === undefined ? [] : [{ subject, aspect, ...comparison }]
}
