import { FivefoldError } from '../core/index.ts'
import { quoteSqlName, type Table } from '../data/index.ts'
import type { Problem } from '../problem/index.ts'

/** Names that say of a class that the event took place. */
const EVENT_NAMES = new Set(['1', 'true', 'yes', 'y', 't', 'positive', 'pos'])
/** Their opposites: the other class is the event. */
const NON_EVENT_NAMES = new Set(['0', 'false', 'no', 'n', 'f', 'negative', 'neg'])

/**
 * Puts the positive one of two classes second, where every part of the house expects it: the one that is asked for, else
 * the one that is named like an event, else the rarer one, since what is looked for is seldom the common case.
 *
 * @throws OPTION_INVALID where `positive` is not one of two classes
 */
export async function withPositiveClass(
  problem: Problem,
  table: Table,
  positive: string | undefined,
): Promise<Problem> {
  const { classes } = problem
  if (classes.length !== 2) {
    if (positive === undefined) return problem
    throw new FivefoldError(
      'OPTION_INVALID',
      `a positive class needs two classes; '${problem.target}' has ${classes.length}`,
    )
  }
  if (positive !== undefined && !classes.includes(positive)) {
    throw new FivefoldError('OPTION_INVALID', `no class '${positive}'; there are '${classes.join("' and '")}'`)
  }
  const chosen = positive ?? classes.find(isEventName) ?? (await rarerClass(problem, table))
  return { ...problem, classes: [...classes.filter((name) => name !== chosen), chosen] }
}

function isEventName(name: string, at: number, classes: readonly string[]): boolean {
  const other = classes[1 - at]!.trim().toLowerCase()
  return EVENT_NAMES.has(name.trim().toLowerCase()) || NON_EVENT_NAMES.has(other)
}

/** The second one where both are equally frequent. */
async function rarerClass({ target, classes }: Problem, table: Table): Promise<string> {
  const column = quoteSqlName(target)
  const rows = await table.query(
    `select cast(${column} as varchar) as name, count(*) as rows from data where ${column} is not null group by 1`,
  )
  const countOf = (name: string): number => Number(rows.find((row) => String(row.name).trim() === name)?.rows ?? 0)
  return countOf(classes[0]!) < countOf(classes[1]!) ? classes[0]! : classes[1]!
}
