import { formatCount, formatFixed, formatPercent } from '../../report/index.ts'
import type { ColumnProfile, QualityIssue, Severity } from '../profile.ts'
import { type Facts, namesOf, plural, topShare } from './facts.ts'

const NEARLY_CONSTANT = 0.99
const MANY_MISSING = 0.5

export function missingIssues({ columns, missingness, rows }: Facts): QualityIssue[] {
  const issues: QualityIssue[] = []
  const many = columns.filter(({ missing, present }) => present > 0 && missing / rows > MANY_MISSING)
  if (many.length > 0)
    issues.push({
      kind: 'manyMissing',
      severity: 'warning',
      columns: many.map(({ name }) => name),
      title: `${plural(
        many.map(({ name }) => name),
        'is mostly missing',
        'are mostly missing',
      )}`,
      evidence: many
        .slice(0, 6)
        .map(({ name, missing }) => `${name} ${formatPercent(missing / rows)}`)
        .join(', '),
      action: 'Keep such a column only if what is there, or that it is there, says something.',
    })
  const telling = missingness.withTarget.filter(({ pValue, effect }) => pValue < 0.01 && effect >= 0.1)
  if (telling.length > 0)
    issues.push({
      kind: 'missingTells',
      severity: 'warning',
      columns: telling.map(({ column }) => column),
      title: `Whether ${telling.length === 1 ? telling[0]!.column : `${telling.length} columns`} is missing goes with the target`,
      evidence: telling
        .slice(0, 6)
        .map(({ column, effect }) => `${column} (effect ${formatFixed(effect, 2)})`)
        .join(', '),
      action:
        'Find out why it is missing. If the gap comes after the outcome, it is leakage; otherwise keep an indicator.',
    })
  return issues
}

export function columnIssues({ columns, target, rows }: Facts): QualityIssue[] {
  const features = columns.filter(({ name }) => name !== target)
  const named = (test: (column: ColumnProfile) => boolean): string[] => features.filter(test).map(({ name }) => name)
  const constant = named(({ type, distinct }) => type === 'constant' || distinct <= 1)
  const nearly = named((column) => column.distinct > 1 && topShare(column) > NEARLY_CONSTANT)
  const identifiers = named(({ type }) => type === 'identifier')
  const wide = named(({ type, distinct }) => type === 'category' && distinct > 100)
  const issue = (kind: string, severity: Severity, names: string[], title: string, action: string): QualityIssue[] =>
    names.length === 0 ? [] : [{ kind, severity, columns: names, title, evidence: namesOf(names), action }]
  return [
    ...issue(
      'constant',
      'warning',
      constant,
      plural(constant, 'never varies', 'never vary'),
      'Drop: a constant says nothing.',
    ),
    ...issue(
      'nearlyConstant',
      'neutral',
      nearly,
      plural(
        nearly,
        `has one value in over ${formatPercent(NEARLY_CONSTANT)} of the rows`,
        `have one value in over ${formatPercent(NEARLY_CONSTANT)} of the rows`,
      ),
      'Check that it still varies where it is needed.',
    ),
    ...issue(
      'identifier',
      'neutral',
      identifiers,
      plural(identifiers, 'is an identifier', 'are identifiers'),
      'Not used as a feature. If it names a customer or a device that comes again, split by it.',
    ),
    ...issue(
      'manyLevels',
      'neutral',
      wide,
      plural(wide, `has over 100 of ${formatCount(rows)} rows’ values distinct`, 'have over 100 distinct values'),
      'Rare values are grouped or encoded by the target; consider a coarser code.',
    ),
  ]
}

export function valueIssues({ columns, target, associations }: Facts): QualityIssue[] {
  const issues: QualityIssue[] = []
  const extreme = columns.filter(
    ({ numeric, present, name }) => name !== target && (numeric?.outliers.byIqr?.count ?? 0) > 0.01 * present,
  )
  if (extreme.length > 0)
    issues.push({
      kind: 'outliers',
      severity: 'neutral',
      columns: extreme.map(({ name }) => name),
      title: plural(
        extreme.map(({ name }) => name),
        'has far outliers',
        'have far outliers',
      ),
      evidence: extreme
        .slice(0, 6)
        .map(({ name, numeric, present }) => `${name} ${formatPercent(numeric!.outliers.byIqr!.count / present)}`)
        .join(', '),
      action: 'Check that they are real. Trees bear them; for linear models a logarithm or ranks help.',
    })
  const twins = associations.pairs.filter(
    ({ a, b, strength }) => a !== target && b !== target && Math.abs(strength) > 0.98,
  )
  if (twins.length > 0) {
    const names = [...new Set(twins.flatMap(({ a, b }) => [a, b]))]
    issues.push({
      kind: 'collinear',
      severity: 'neutral',
      columns: names,
      title: `${twins.length === 1 ? `${twins[0]!.a} and ${twins[0]!.b} say` : `${twins.length} pairs of columns say`} nearly the same`,
      evidence: twins
        .slice(0, 5)
        .map(({ a, b, strength }) => `${a} and ${b} (${formatFixed(strength, 3)})`)
        .join(', '),
      action: 'One of each pair is enough; with both, importances and coefficients are split between them.',
    })
  }
  return issues
}

export function duplicateIssues({ duplicates, rows }: Facts): QualityIssue[] {
  const issues: QualityIssue[] = duplicates.columns.map((columns) => ({
    kind: 'duplicateColumns',
    severity: 'warning',
    columns,
    title: `${columns.join(' and ')} are the same column`,
    evidence: 'equal in every row',
    action: `Keep ${columns[0]} and drop the rest.`,
  }))
  const share = duplicates.rows / rows
  if (duplicates.rows > 0)
    issues.push({
      kind: 'duplicateRows',
      severity: share > 0.01 ? 'warning' : 'neutral',
      columns: [],
      title: `${formatCount(duplicates.rows)} rows repeat an earlier row`,
      evidence: `${formatPercent(share)} of the rows, equal in every column`,
      action: 'Find out whether they are copies. Copies that fall on both sides of a split make the test too easy.',
    })
  return issues
}
