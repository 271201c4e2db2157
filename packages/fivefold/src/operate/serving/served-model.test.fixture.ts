import { type Frame, numberColumnOf, stringColumnOf } from '../../data/index.ts'
import type { ServedModel, ServedPredictions } from './served-model.ts'

export interface RecordedModel extends ServedModel {
  /** Frames in the order of the runs. */
  readonly runs: Frame[]
}

/** A model with one column of each kind, whose answers can be worked out by hand: P(yes) = age / 100, missing 0.5. */
export function creditModel(changes: Partial<ServedModel> = {}): RecordedModel {
  const runs: Frame[] = []
  return {
    name: 'credit',
    version: '3',
    inputs: [
      { name: 'age', type: 'number', tensor: 'double', nullable: true, range: [17, 90], meaning: 'Age in years.' },
      { name: 'children', type: 'integer', tensor: 'int64', nullable: false, range: [0, 6] },
      { name: 'job', type: 'category', tensor: 'string', nullable: true, categories: ['clerk', 'nurse', 'pilot'] },
      { name: 'owner', type: 'boolean', tensor: 'bool', nullable: false },
      { name: 'since', type: 'datetime', tensor: 'double', nullable: true, range: [0, 1_700_000_000_000] },
    ],
    output: { task: 'classification', target: 'approved', classes: ['no', 'yes'] },
    runs,
    predict: async (frame) => {
      runs.push(frame)
      return answer(frame)
    },
    ...changes,
  }
}

function answer(frame: Frame): ServedPredictions {
  stringColumnOf(frame, 'job')
  const shares = Array.from(numberColumnOf(frame, 'age').values, (age) => (Number.isNaN(age) ? 0.5 : age / 100))
  return {
    predictions: {
      kind: 'classes',
      classes: ['no', 'yes'],
      probabilities: Float64Array.from(shares.flatMap((p) => [1 - p, p])),
    },
    labels: shares.map((p) => (p >= 0.3 ? 'yes' : 'no')),
  }
}

/** A regression over one nullable column: twice its value. */
export function doublingModel(): ServedModel {
  return {
    name: 'doubling',
    version: '1',
    inputs: [{ name: 'x', type: 'number', tensor: 'double', nullable: true }],
    output: { task: 'regression', target: 'y' },
    predict: async (frame) => ({
      predictions: { kind: 'number', values: numberColumnOf(frame, 'x').values.map((x) => 2 * x) },
    }),
  }
}

export const CREDIT_ROW = { age: 40, children: 2, job: 'nurse', owner: true, since: '2020-02-29T12:00:00Z' }
