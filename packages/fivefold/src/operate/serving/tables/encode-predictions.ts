import type { TableFace, Tensors } from '../model/servable.ts'
import { labelsOf, numbersOf } from '../model/table-tensors.ts'

/** Answers for the rows as a JSON array of what `predictionTexts` gives. */
export function jsonOfPredictions(answer: Tensors, table: TableFace): string {
  return `[${predictionTexts(answer, table).join()}]`
}

/**
 * The answer for each row as JSON: `{"label", "probabilities": {class: probability}}` or `{"prediction"}`. A number that is not
 * finite is null.
 */
export function predictionTexts(answer: Tensors, { output }: TableFace): string[] {
  if (output.task === 'regression')
    return Array.from(numbersOf(answer, 'prediction'), (value) => `{"prediction":${jsonOfNumber(value)}}`)
  const columns = output.classes.map((name) => ({
    key: JSON.stringify(name),
    values: numbersOf(answer, `probability_${name}`),
  }))
  const probabilities = (row: number): string =>
    columns.map(({ key, values }) => `${key}:${jsonOfNumber(values[row]!)}`).join()
  return labelsOf(answer).map(
    (label, row) => `{"label":${JSON.stringify(label)},"probabilities":{${probabilities(row)}}}`,
  )
}

/** A number of an answer: null where it is not finite. */
export const jsonOfNumber = (value: number): string => (Number.isFinite(value) ? String(value) : 'null')
