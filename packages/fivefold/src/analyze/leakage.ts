import { formatFixed, formatNumber } from '../report/index.ts'
import { type Analysis, isComparable } from './analysis.ts'
import { findLinearIdentity } from './linear-identity.ts'
import type { Associations, LeakageSuspect, TargetAssociation } from './profile.ts'

/** Words in names of columns that are usually filled in with or after the outcome. */
const AFTER_THE_FACT =
  /(^|[^a-z])(duration|outcome|result|resolution|resolved|closed?|closing|ended|finished|completed|cancell?ed|cancellation|refund(ed)?|returned|settled|settlement|payout|recover(y|ies|ed)|churn(ed)?|discharge[d]?|death|deceased|exit(ed)?|terminat(ed|ion)|final|actual|verdict|decision|approved|rejected|default(ed)?|chargeback|claim|collection)([^a-z]|$)/i
const NEARLY_PERFECT = { rocAuc: 0.975, r2: 0.95 } as const
/** From here on a column is so strong that its name is looked at. */
const STRONG = { rocAuc: 0.7, r2: 0.3 } as const
/** From here on a column that leaves all others behind is looked at twice. */
const VERY_STRONG = { rocAuc: 0.88, r2: 0.7 } as const
/** How many times as much the best column says as the next. */
const FAR_AHEAD = 1.5

/** Columns that may hold what is only known once the target is: to be dropped, or to be vouched for. */
export function findLeakage(analysis: Analysis, { withTarget }: Associations): LeakageSuspect[] {
  const identity = findIdentity(analysis)
  const byPower = withTarget.filter((entry) => entry.power !== null).sort((a, b) => b.power! - a.power!)
  const known = new Set(identity.flatMap(({ columns }) => columns))
  const single = byPower.flatMap((entry) => suspectOf(entry, byPower) ?? [])
  return [...identity, ...single.filter(({ columns, kind }) => kind === 'nearlyPerfect' || !known.has(columns[0]!))]
}

function findIdentity({ target, encoded, options }: Analysis): LeakageSuspect[] {
  if (target?.kind !== 'number') return []
  const features = [...encoded.values()].filter((column) => column.name !== options.target && isComparable(column))
  const identity = findLinearIdentity(features, target.values)
  if (!identity) return []
  const terms = identity.columns.map((name, k) => termOf(name, identity.weights[k]!))
  const sum = terms.join(' ').replace(/^\+ /, '')
  const evidence = `up to a constant, ${options.target} = ${sum} (R² ${formatFixed(identity.r2, 6)})`
  return [{ columns: identity.columns, kind: 'identity', severity: 'bad', evidence, n: identity.n }]
}

function termOf(name: string, weight: number): string {
  const size = Math.abs(weight)
  const factor = Math.abs(size - 1) < 1e-3 ? '' : `${formatNumber(size, 3)} × `
  return `${weight < 0 ? '−' : '+'} ${factor}${name}`
}

function suspectOf(entry: TargetAssociation, byPower: readonly TargetAssociation[]): LeakageSuspect | undefined {
  const { column, powerMetric, n } = entry
  const power = entry.power!
  const measure = `${powerMetric === 'rocAuc' ? 'ROC AUC' : 'R²'} ${formatFixed(power)} by itself`
  const suspect = (
    kind: LeakageSuspect['kind'],
    severity: LeakageSuspect['severity'],
    why: string,
  ): LeakageSuspect => ({ columns: [column], kind, severity, evidence: `${measure}${why}`, n })
  if (power >= NEARLY_PERFECT[powerMetric])
    return suspect('nearlyPerfect', 'bad', ': nearly everything that there is to know')
  const next = byPower.find((other) => other.column !== column)
  const compared = next
    ? `; the ${byPower[0] === entry ? 'next' : 'best'} column, ${next.column}, has ${formatFixed(next.power!)}`
    : ''
  const words = column.replace(/([a-z])([A-Z])/g, '$1_$2')
  if (power >= STRONG[powerMetric] && AFTER_THE_FACT.test(words))
    return suspect(
      'afterTheFact',
      byPower[0] === entry ? 'bad' : 'warning',
      `${compared}; its name speaks of something known only afterwards`,
    )
  const isFarAhead = byPower[0] === entry && next !== undefined && gain(entry) >= FAR_AHEAD * gain(next)
  return isFarAhead && power >= VERY_STRONG[powerMetric]
    ? suspect('farAhead', 'warning', `${compared}: far ahead of the others`)
    : undefined
}

/** What a column knows beyond chance. */
const gain = ({ power, powerMetric }: TargetAssociation): number =>
  Math.max(0, power! - (powerMetric === 'rocAuc' ? 0.5 : 0))
