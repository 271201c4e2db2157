import type { DriftAspect, DriftReport, DriftTest, EffectUnit } from './drift-report.ts'

/** What readers are told of each aspect and unit. */
export const ASPECT_WORDS: Record<DriftAspect, string> = {
  missing: 'missing values',
  values: 'values',
  unseen: 'values never seen before',
  length: 'text length',
  vocabulary: 'words used',
  score: 'scores',
  label: 'decisions',
  error: 'errors',
  jointly: 'all columns together',
}

export const UNIT_WORDS: Record<EffectUnit, string> = {
  ksDistance: 'KS distance',
  totalVariation: 'share of rows that moved',
  missingShare: 'difference of shares',
  unseenShare: 'share of rows beyond chance',
  aucExcess: '2 AUC − 1',
}

export function allTests(report: DriftReport): DriftTest[] {
  const tests = [...report.columns, ...report.predictions].flatMap((column) => column.tests)
  return report.jointly ? [...tests, report.jointly] : tests
}
