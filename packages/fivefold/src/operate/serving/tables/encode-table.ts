import type { Column } from '@uwdata/flechette'
import type { Context } from '../../../core/index.ts'
import { parquetBytes } from '../../../data/index.ts'
import type { TableFace, Tensors } from '../model/servable.ts'
import { frameOfAnswer, labelsOf, numbersOf, schemaOfAnswer } from '../model/table-tensors.ts'
import { csvCell } from './csv-rows.ts'
import { predictionTexts } from './encode-predictions.ts'
import type { TableType } from './table-types.ts'

/**
 * Answers for the rows as a table: columns `label` and `probability_<class>`, or `prediction`, as `fivefold predict` writes them;
 * as JSON lines what an answer in JSON holds for each row. A number that is not finite is missing.
 */
export function encodeTable(
  answer: Tensors,
  table: TableFace,
  type: Exclude<TableType, 'application/json'>,
  context: Context,
): string | Promise<Uint8Array> {
  switch (type) {
    case 'application/jsonlines':
      return predictionTexts(answer, table)
        .map((text) => `${text}\n`)
        .join('')
    case 'text/csv':
      return csvOf(columnsOf(answer, table))
    case 'application/vnd.apache.arrow.stream':
      return arrowOf(columnsOf(answer, table), 'stream')
    case 'application/vnd.apache.arrow.file':
      return arrowOf(columnsOf(answer, table), 'file')
    case 'application/vnd.apache.parquet':
      return parquetBytes(frameOfAnswer(answer, table), schemaOfAnswer(table), context)
  }
}

type AnswerColumn =
  | { readonly name: string; readonly texts: readonly string[] }
  | { readonly name: string; readonly numbers: Float32Array }

function columnsOf(answer: Tensors, { output }: TableFace): AnswerColumn[] {
  if (output.task === 'regression') return [{ name: 'prediction', numbers: numbersOf(answer, 'prediction') }]
  const probabilities = output.classes.map((name) => `probability_${name}`)
  return [
    { name: 'label', texts: labelsOf(answer) },
    ...probabilities.map((name) => ({ name, numbers: numbersOf(answer, name) })),
  ]
}

function csvOf(columns: readonly AnswerColumn[]): string {
  const cells = columns.map((column) =>
    'texts' in column
      ? column.texts.map(csvCell)
      : Array.from(column.numbers, (value) => (Number.isFinite(value) ? String(value) : '')),
  )
  const lines = cells[0]!.map((_, row) => cells.map((column) => column[row]).join())
  return `${[columns.map(({ name }) => csvCell(name)).join(), ...lines].join('\n')}\n`
}

async function arrowOf(columns: readonly AnswerColumn[], format: 'stream' | 'file'): Promise<Uint8Array> {
  // Loaded where somebody asks for it.
  const { columnFromArray, float32, tableFromColumns, tableToIPC, utf8 } = await import('@uwdata/flechette')
  const arrays = columns.map((column): [string, Column<unknown>] => {
    if ('texts' in column) return [column.name, columnFromArray([...column.texts], utf8())]
    const values = Array.from(column.numbers, (value) => (Number.isFinite(value) ? value : null))
    return [column.name, columnFromArray(values, float32())]
  })
  return tableToIPC(tableFromColumns(arrays), { format })!
}
