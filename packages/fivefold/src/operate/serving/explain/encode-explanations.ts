import { jsonOfNumber } from '../tables/encode-predictions.ts'
import type { Explanation, RowExplanations } from './explain-rows.ts'

/** What explanations are, told once an answer: the members of a JSON object. */
export const methodText = ({ backgroundRows }: RowExplanations): string =>
  `{"method":"sampled Shapley values","backgroundRows":${backgroundRows}}`

/**
 * The explanation of each row as JSON: `{"class"?, "value", "baseValue", "contributions": {column: number}, "standardErrors"}`. Base
 * value and contributions sum to the value.
 */
export function explanationTexts({ columns, rows }: RowExplanations): string[] {
  const keys = columns.map((name) => `${JSON.stringify(name)}:`)
  const byColumn = (values: Float64Array): string =>
    `{${keys.map((key, at) => `${key}${jsonOfNumber(values[at]!)}`).join()}}`
  return rows.map((row) => {
    const { value, baseValue, contributions, standardErrors } = row
    const numbers = `"value":${jsonOfNumber(value)},"baseValue":${jsonOfNumber(baseValue)}`
    return `{${classText(row)}${numbers},"contributions":${byColumn(contributions)},"standardErrors":${byColumn(standardErrors)}}`
  })
}

const classText = (row: Explanation): string => (row.class === undefined ? '' : `"class":${JSON.stringify(row.class)},`)
