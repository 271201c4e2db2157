import { didYouMean, FivefoldError } from '../core/index.ts'

/** Names beyond these make a message that nobody reads. */
const SHOWN_NAMES = 50

/** The error for columns that are not there: what was probably meant, and what there is. */
export function unknownColumns(names: readonly string[], there: readonly string[], place?: string): FivefoldError {
  const where = place === undefined ? '' : `${place}: `
  const wanted = names.map((name) => `'${name}'${didYouMean(name, there)}`).join(', ')
  const more = there.length > SHOWN_NAMES ? ` and ${there.length - SHOWN_NAMES} more` : ''
  const known = `there are: ${there.slice(0, SHOWN_NAMES).join(', ')}${more}`
  return new FivefoldError(
    'DATA_COLUMN_UNKNOWN',
    `${where}no column ${wanted}${wanted.endsWith('?') ? ` ${known.replace('t', 'T')}` : `; ${known}`}`,
    {
      issues: names.map((name) => ({ path: ['columns', name], message: `not in the data${didYouMean(name, there)}` })),
    },
  )
}
