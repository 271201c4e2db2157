import { formatCount, formatFixed, formatNumber, formatPercent } from '../report/index.ts'
import type { ColumnProfile, Profile, QualityIssue, Severity } from './profile.ts'

type Facts = Omit<Profile, 'issues'>

const ORDER: Record<Severity, number> = { bad: 0, warning: 1, neutral: 2 }
const NEARLY_CONSTANT = 0.99
const MANY_MISSING = 0.5
const SMALL_GROUP_ROWS = 100
/** The four-fifths rule of the US Equal Employment Opportunity Commission. */
const FAIR_RATIO = 0.8
const SENSITIVE_NAME =
  /(^|[^a-z])(sex|gender|race|ethnic(ity)?|religion|nationality|national_?origin|native_?country|citizen(ship)?|marital(_?status)?|disab(led|ility)|orientation|age|birth|pregnan(t|cy))([^a-z]|$)/i

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

/** `a, b and 3 more`. */
export function namesOf(names: readonly string[], most = 6): string {
  if (names.length <= most + 1) return names.join(', ')
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`
}

const plural = (names: readonly string[], one: string, many: string): string =>
  names.length === 1 ? `${names[0]} ${one}` : `${names.length} columns ${many}`

function leakageIssues({ leakage, target }: Facts): QualityIssue[] {
  const titles = {
    identity: 'make up the target',
    nearlyPerfect: 'gives the target away',
    afterTheFact: 'may be known only after the target',
    farAhead: 'predicts the target suspiciously well',
  } as const
  return leakage.map(({ columns, kind, severity, evidence }) => ({
    kind: 'leakage',
    severity,
    columns,
    title: `${columns.join(' + ')} ${columns.length === 1 && kind === 'identity' ? 'is the target in other words' : titles[kind]}`,
    evidence,
    action: `Drop ${columns.length === 1 ? 'it' : 'them'}, unless ${columns.length === 1 ? 'its value is' : 'their values are'} known before ${target} is.`,
  }))
}

function targetIssues({ targetProfile, target, rows }: Facts): QualityIssue[] {
  if (target === null) return []
  if (!targetProfile)
    return [
      {
        kind: 'targetUnusable',
        severity: 'bad',
        columns: [target],
        title: `${target} cannot be learned from`,
        evidence: 'it has one value, or too many classes',
        action: 'Choose another target.',
      },
    ]
  const issues: QualityIssue[] = []
  if (targetProfile.missing > 0)
    issues.push({
      kind: 'targetMissing',
      severity: 'warning',
      columns: [target],
      title: `${target} is missing in ${formatPercent(targetProfile.missing / rows)} of the rows`,
      evidence: `${formatCount(targetProfile.missing)} of ${formatCount(rows)} rows`,
      action:
        'These rows are left out of training. Find out why they have no target: if not by chance, the rest is not representative.',
    })
  if (targetProfile.kind === 'number') {
    if (targetProfile.skewness !== null && Math.abs(targetProfile.skewness) > 3)
      issues.push({
        kind: 'targetSkewed',
        severity: 'neutral',
        columns: [target],
        title: `${target} is heavily skewed`,
        evidence: `skewness ${formatNumber(targetProfile.skewness, 3)}`,
        action: 'Look at mae beside rmse: a few large values decide rmse.',
      })
    return issues
  }
  const rarest = targetProfile.classes.at(-1)!
  if (rarest.share < 0.1)
    issues.push({
      kind: 'imbalance',
      severity: rarest.share < 0.01 ? 'bad' : 'warning',
      columns: [target],
      title: `Class ${rarest.name} is rare: ${formatPercent(rarest.share)} of the rows`,
      evidence: `${formatCount(rarest.count)} rows, 1 to ${formatNumber(targetProfile.imbalance, 3)} against the most frequent`,
      action: 'Do not judge by accuracy; look at prAuc and choose the threshold by cost.',
    })
  return issues
}

function personalIssues({ personalData }: Facts): QualityIssue[] {
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

function duplicateIssues({ duplicates, rows }: Facts): QualityIssue[] {
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

function groupIssues({ groups, columns, protectedColumns, target }: Facts): QualityIssue[] {
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

function driftIssues({ drift, targetProfile, target }: Facts): QualityIssue[] {
  const drifted = drift.columns.filter((column) => column.drifted && column.column !== target)
  const issues: QualityIssue[] = []
  const goal = drift.columns.find(({ column, drifted }) => column === target && drifted)
  if (goal && targetProfile)
    issues.push({
      kind: 'targetDrift',
      severity: 'warning',
      columns: [goal.column],
      title: `${goal.column} changes along the ${drift.order}`,
      evidence: `${goal.change}, effect ${formatFixed(goal.effect, 2)}, first against last third`,
      action: 'Split by time, not at random: a random split would judge the model on a past that it has seen.',
    })
  if (drifted.length > 0)
    issues.push({
      kind: 'drift',
      severity: 'warning',
      columns: drifted.map(({ column }) => column),
      title: `${plural(
        drifted.map(({ column }) => column),
        'changes',
        'change',
      )} along the ${drift.order}`,
      evidence: drifted
        .slice(0, 4)
        .map(
          ({ column, change, effect }) => `${column} ${change === '' ? `(effect ${formatFixed(effect, 2)})` : change}`,
        )
        .join('; '),
      action: 'If the rows are in order of time, split by time and watch these columns in production.',
    })
  return issues
}

function missingIssues({ columns, missingness, rows }: Facts): QualityIssue[] {
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

function columnIssues({ columns, target, rows }: Facts): QualityIssue[] {
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

export function topShare({ topValues, present }: ColumnProfile): number {
  return topValues.length > 0 && present > 0 ? topValues[0]!.count / present : 0
}

function valueIssues({ columns, target, associations }: Facts): QualityIssue[] {
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
