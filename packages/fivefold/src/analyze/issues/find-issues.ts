import type { QualityIssue, Severity } from '../profile.ts'
import { columnIssues, duplicateIssues, missingIssues, valueIssues } from './column-issues.ts'
import type { Facts } from './facts.ts'
import { groupIssues, personalIssues } from './people-issues.ts'
import { driftIssues, leakageIssues, targetIssues } from './target-issues.ts'

const ORDER: Record<Severity, number> = { bad: 0, warning: 1, neutral: 2 }

/** Everything of the profile that wants a decision, most severe first, one entry for all columns of the same trouble. */
export function findIssues(facts: Facts): QualityIssue[] {
  const found = [
    ...leakageIssues(facts),
    ...targetIssues(facts),
    ...personalIssues(facts),
    ...duplicateIssues(facts),
    ...groupIssues(facts),
    ...driftIssues(facts),
    ...missingIssues(facts),
    ...columnIssues(facts),
    ...valueIssues(facts),
  ]
  return found.sort((a, b) => ORDER[a.severity] - ORDER[b.severity])
}
