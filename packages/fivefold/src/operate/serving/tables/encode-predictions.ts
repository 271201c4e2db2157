import type { TableFace, Tensors } from '../model/servable.ts'
import { labelsOf, numbersOf } from '../model/table-tensors.ts'

/**
 * Answers for the rows as a JSON array: `{"label", "probabilities": {class: probability}}` or `{"prediction"}` each. A
 * number that is not finite is null.
 */
export function jsonOfPredictions(answer: Tensors, { output }: TableFace): string {
  if (output.task === 'regression') {
    const values = numbersOf(answer, 'prediction')
    return `[${Array.from(values, (value) => `{"prediction":${jsonOfNumber(value)}}`).join()}]`
  }
  const columns = output.classes.map((name) => ({
    key: JSON.stringify(name),
    values: numbersOf(answer, `probability_${name}`),
  }))
  const probabilities = (row: number): string =>
    columns.map(({ key, values }) => `${key}:${jsonOfNumber(values[row]!)}`).join()
  const rows = labelsOf(answer).map(
    (label, row) => `{"label":${JSON.stringify(label)},"probabilities":{${probabilities(row)}}}`,
  )
  return `[${rows.join()}]`
}

const jsonOfNumber = (value: number): string => (Number.isFinite(value) ? String(value) : 'null')
