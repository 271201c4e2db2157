import {
  type Block,
  type Card,
  cards,
  formatCount,
  formatNumber,
  formatPercent,
  formatTime,
  paragraph,
  type Section,
  section,
  shortened,
  columns as sideBySide,
  sparkline,
  table,
} from '../../report/index.ts'
import { topShare } from '../issues/facts.ts'
import type { ColumnProfile, Profile, QualityIssue } from '../profile.ts'

/** Issues that say something of one column at a time; others would repeat on every card. */
const ON_CARDS = new Set([
  'leakage',
  'constant',
  'nearlyConstant',
  'manyMissing',
  'missingTells',
  'personalData',
  'outliers',
  'duplicateColumns',
  'identifier',
  'manyLevels',
  'drift',
])
const CARD_WORDS: Record<string, string> = {
  leakage: 'may leak the target',
  constant: 'never varies',
  nearlyConstant: 'hardly varies',
  manyMissing: 'mostly missing',
  missingTells: 'missingness goes with the target',
  personalData: 'personal data',
  outliers: 'far outliers',
  duplicateColumns: 'duplicate',
  identifier: 'identifier',
  manyLevels: 'many levels',
  drift: 'drifts',
}

/** One card a column: what it is at a glance, the rest behind it. */
export function columnSection(profile: Profile): Section {
  const byColumn = new Map<string, QualityIssue[]>()
  for (const issue of profile.issues) {
    if (!ON_CARDS.has(issue.kind)) continue
    for (const name of issue.columns) byColumn.set(name, [...(byColumn.get(name) ?? []), issue])
  }
  const items = profile.columns.map((column, i) => cardOf(column, i, profile, byColumn.get(column.name) ?? []))
  return section({
    id: 'columns',
    title: 'Columns',
    intro: `All ${formatCount(profile.rows)} rows. Open a column for its figures.`,
    blocks: [cards('Find a column, type or warning', items)],
  })
}

function cardOf(column: ColumnProfile, index: number, profile: Profile, issues: readonly QualityIssue[]): Card {
  const role = roleOf(column, profile)
  const distinct = `${distinctText(column)} distinct`
  const missing = column.missing > 0 ? `${formatPercent(column.missing / profile.rows)} missing` : ''
  return {
    id: `column-${index}`,
    title: column.name,
    badge: column.type,
    svg: sparkOf(column),
    facts: [role, distinct, missing, centreOf(column)].filter((fact) => fact !== ''),
    warnings: issues.map(({ kind, severity }) => ({ tone: severity, text: CARD_WORDS[kind] ?? kind })),
    blocks: detailsOf(column, profile.rows),
  }
}

/** The sketch that counts is exact for few values. */
function distinctText({ distinct, distinctApproximate }: ColumnProfile): string {
  return `${distinctApproximate && distinct > 100 ? 'about ' : ''}${formatCount(distinct)}`
}

function roleOf({ name }: ColumnProfile, { target, time, protectedColumns }: Profile): string {
  if (name === target) return 'target'
  if (name === time) return 'time'
  return protectedColumns.includes(name) ? 'protected' : ''
}

function sparkOf({ histogram, topValues, name, type }: ColumnProfile): string {
  if (type === 'constant') return ''
  if (histogram) return sparkline(histogram.counts, `distribution of ${name}`)
  return topValues.length > 0
    ? sparkline(
        topValues.map(({ count }) => count),
        `most frequent values of ${name}`,
      )
    : ''
}

function centreOf(column: ColumnProfile): string {
  const { numeric, type, topValues, text, masked } = column
  if (masked) return 'values not shown'
  if (numeric) {
    const show = type === 'datetime' ? formatTime : formatNumber
    // Quantiles of large tables are estimated; the median of whole numbers is whole, or lies between two.
    const median = type === 'integer' ? Math.round(numeric.p50 * 2) / 2 : numeric.p50
    return `${show(numeric.min)} to ${show(numeric.max)}, median ${show(median)}`
  }
  if (topValues.length > 0) return `mostly ${shortened(topValues[0]!.value, 28)} (${formatPercent(topShare(column))})`
  return text ? `${formatNumber(text.minLength)} to ${formatNumber(text.maxLength)} characters` : ''
}

function detailsOf(column: ColumnProfile, rows: number): Block[] {
  const facts = table({
    caption: 'Figures',
    columns: [{ label: 'figure' }, { label: 'value', kind: 'number' }],
    rows: [
      ['present', `${formatCount(column.present)} (${formatPercent(column.present / rows)})`],
      ['missing', formatCount(column.missing)],
      ['distinct', distinctText(column)],
      ...numericRows(column),
      ...(column.text ? [['mean length', formatNumber(column.text.meanLength, 3)]] : []),
    ],
  })
  const evidence = paragraph(`Read as ${column.type}: ${column.evidence}.`)
  return [sideBySide([facts], [...topValueBlocks(column), evidence])]
}

function numericRows({ numeric, type }: ColumnProfile): string[][] {
  if (!numeric) return []
  const show = type === 'datetime' ? formatTime : formatNumber
  const { outliers } = numeric
  const quantiles = [
    `${show(numeric.p05)}, ${show(numeric.p25)}, ${show(numeric.p50)}, ${show(numeric.p75)}, ${show(numeric.p95)}`,
  ]
  if (type === 'datetime')
    return [
      ['from', show(numeric.min)],
      ['to', show(numeric.max)],
      ['5, 25, 50, 75, 95%', ...quantiles],
    ]
  return [
    ['mean ± sd', `${show(numeric.mean)} ± ${show(numeric.sd)}`],
    ['min, max', `${show(numeric.min)}, ${show(numeric.max)}`],
    [`5, 25, 50, 75, 95%${numeric.quantilesApproximate ? ' (about)' : ''}`, ...quantiles],
    ['skewness', show(numeric.skewness)],
    ['zeros', formatCount(numeric.zeros)],
    ...(numeric.negatives > 0 ? [['negative', formatCount(numeric.negatives)]] : []),
    ...(outliers.byMad ? [['robust z above 3.5', formatCount(outliers.byMad.count)]] : []),
    ...(outliers.byIqr ? [['beyond 3 IQR', formatCount(outliers.byIqr.count)]] : []),
  ]
}

function topValueBlocks({ topValues, present }: ColumnProfile): Block[] {
  if (topValues.length === 0) return []
  return [
    table({
      caption: 'Most frequent values',
      columns: [{ label: 'value' }, { label: 'rows', kind: 'number' }, { label: 'share' }],
      rows: topValues.map(({ value, count }) => [
        shortened(value, 60),
        count,
        { share: count / present, text: formatPercent(count / present) },
      ]),
    }),
  ]
}
