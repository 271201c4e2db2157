import { formatCount, formatFixed } from '../../report/index.ts'
import type { QualityIssue } from '../profile.ts'
import { type Facts, namesOf, plural } from './facts.ts'

const SMALL_GROUP_ROWS = 100
/** The four-fifths rule of the US Equal Employment Opportunity Commission. */
const FAIR_RATIO = 0.8
const SENSITIVE_NAME =
  /(^|[^a-z])(sex|gender|race|ethnic(ity)?|religion|nationality|national_?origin|native_?country|citizen(ship)?|marital(_?status)?|disab(led|ility)|orientation|age|birth|pregnan(t|cy))([^a-z]|$)/i

export function personalIssues({ personalData }: Facts): QualityIssue[] {
  if (personalData.length === 0) return []
  const columns = personalData.map(({ column }) => column)
  return [
    {
      kind: 'personalData',
      severity: 'warning',
      columns,
      title: `${plural(columns, 'looks like personal data', 'look like personal data')}`,
      evidence: personalData.map(({ column, kind }) => `${column}: ${kind}`).join(', '),
      action:
        'Drop or pseudonymise before sharing the data or the model; check that there is a legal ground for using it. No values of it are shown here.',
    },
  ]
}

export function groupIssues({ groups, columns, protectedColumns, target }: Facts): QualityIssue[] {
  const issues = groups.flatMap(({ column, groups: all, rateRatio, rateMeasure }): QualityIssue[] => {
    const small = all.filter(({ rows }) => rows < SMALL_GROUP_ROWS)
    const thin: QualityIssue[] =
      small.length === 0
        ? []
        : [
            {
              kind: 'smallGroup',
              severity: 'warning',
              columns: [column],
              title: `${column} has groups too small to judge`,
              evidence: small.map(({ name, rows }) => `${name}: ${formatCount(rows)} rows`).join(', '),
              action: 'Collect more rows of these groups; errors on them cannot be measured well.',
            },
          ]
    if (rateRatio === null || rateRatio >= FAIR_RATIO) return thin
    return [
      {
        kind: 'unequalRates',
        severity: 'warning',
        columns: [column],
        title: `The target differs between the groups of ${column}`,
        evidence: `${rateMeasure}: the lowest group has ${formatFixed(rateRatio, 2)} times the rate of the highest (below four fifths)`,
        action:
          'A model learns this difference. Find out where it comes from, and compare error rates by group after training.',
      },
      ...thin,
    ]
  })
  const unnamed = columns
    .map(({ name }) => name)
    .filter(
      (name) =>
        name !== target &&
        !protectedColumns.includes(name) &&
        SENSITIVE_NAME.test(name.replace(/([a-z])([A-Z])/g, '$1_$2')),
    )
  if (unnamed.length > 0)
    issues.push({
      kind: 'sensitive',
      severity: 'neutral',
      columns: unnamed,
      title: `${plural(unnamed, 'may be a protected attribute', 'may be protected attributes')}`,
      evidence: `by name: ${namesOf(unnamed)}`,
      action: 'Name those that are with --protect, to have groups compared here and in the evaluation.',
    })
  return issues
}
