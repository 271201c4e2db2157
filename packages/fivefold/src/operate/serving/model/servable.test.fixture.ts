import { type Frame, numberColumnOf } from '../../../data/index.ts'
import { floats, type TensorLiteral } from '../../../onnx/index.ts'
import type { Servable, TableFace, Tensors } from './servable.ts'
import { frameOfTensors } from './table-tensors.ts'

export interface RecordedModel extends Servable {
  /** What the model was given, in the order of the runs. */
  readonly runs: Frame[]
}

/** Rows to compare an explained one with: of 0, 32, 64 and 96 years. */
const CREDIT_BACKGROUND: Tensors = {
  age: { type: 'double', shape: [4, 1], data: Float64Array.of(0, 32, 64, 96) },
  children: { type: 'int64', shape: [4, 1], data: BigInt64Array.of(0n, 1n, 2n, 3n) },
  job: { type: 'string', shape: [4, 1], data: ['clerk', 'nurse', '', 'pilot'] },
  owner: { type: 'bool', shape: [4, 1], data: Uint8Array.of(0, 1, 0, 1) },
  since: { type: 'double', shape: [4, 1], data: Float64Array.of(0, 1, Number.NaN, 3) },
}

const CREDIT_TABLE: TableFace = {
  columns: [
    { name: 'age', type: 'number', tensor: 'double', nullable: true, range: [17, 90], meaning: 'Age in years.' },
    { name: 'children', type: 'integer', tensor: 'int64', nullable: false, range: [0, 6] },
    { name: 'job', type: 'category', tensor: 'string', nullable: true, categories: ['clerk', 'nurse', 'pilot'] },
    { name: 'owner', type: 'boolean', tensor: 'bool', nullable: false },
    { name: 'since', type: 'datetime', tensor: 'double', nullable: true, range: [0, 1_700_000_000_000] },
  ],
  output: { task: 'classification', target: 'approved', classes: ['no', 'yes'] },
  background: async () => CREDIT_BACKGROUND,
}

/** A model with one column of each kind, whose answers can be worked out by hand: P(yes) = age / 128, missing 0.5. */
export function creditModel(changes: Partial<Servable> = {}): RecordedModel {
  const runs: Frame[] = []
  return {
    ...tableModel('credit', '3', CREDIT_TABLE, ['label', 'probability_no', 'probability_yes']),
    runs,
    run: async (feeds, options) => {
      const frame = frameOfTensors(feeds, CREDIT_TABLE)
      runs.push(frame)
      const answer = creditAnswer(frame)
      return options?.outputs ? Object.fromEntries(options.outputs.map((name) => [name, answer[name]!])) : answer
    },
    ...changes,
  }
}

function creditAnswer(frame: Frame): Record<string, TensorLiteral> {
  const shape = [frame.rowCount, 1]
  const shares = Array.from(numberColumnOf(frame, 'age').values, (age) => (Number.isNaN(age) ? 0.5 : age / 128))
  return {
    label: { type: 'string', shape, data: shares.map((p) => (p >= 0.25 ? 'yes' : 'no')) },
    probability_no: floats(
      shares.map((p) => 1 - p),
      shape,
    ),
    probability_yes: floats(shares, shape),
  }
}

/** A regression over one nullable column: twice its value. */
export function doublingModel(changes: Partial<Servable> = {}): Servable {
  const table: TableFace = {
    columns: [{ name: 'x', type: 'number', tensor: 'double', nullable: true }],
    output: { task: 'regression', target: 'y' },
  }
  return {
    ...tableModel('doubling', '1', table, ['prediction']),
    run: async ({ x }: Tensors) => ({
      prediction: floats(
        Array.from(x!.data as Float64Array, (v) => 2 * v),
        x!.shape,
      ),
    }),
    ...changes,
  }
}

function tableModel(
  name: string,
  version: string,
  table: TableFace,
  outputs: readonly string[],
): Omit<Servable, 'run'> {
  return {
    ...{ name, version, table, isBatched: true },
    inputs: table.columns.map((column) => ({ name: column.name, type: column.tensor, shape: [-1, 1] })),
    outputs: outputs.map((output) => ({ name: output, type: output === 'label' ? 'string' : 'float', shape: [-1, 1] })),
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}

export const CREDIT_ROW = { age: 40, children: 2, job: 'nurse', owner: true, since: '2020-02-29T12:00:00Z' }
