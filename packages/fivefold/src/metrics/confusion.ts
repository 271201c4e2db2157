import { FivefoldError } from '../core/index.ts'
import { checkCodes } from './samples.ts'

/** Row-major counts [actual x predicted]. */
export interface ConfusionMatrix {
  readonly classCount: number
  readonly counts: Float64Array
}

/** Counts of actual against predicted classes. Throws METRIC_INPUT. */
export function confusionMatrix(actual: Int32Array, predicted: Int32Array, classCount: number): ConfusionMatrix {
  if (actual.length !== predicted.length)
    throw new FivefoldError('METRIC_INPUT', `${actual.length} actual and ${predicted.length} predicted classes`)
  checkCodes(actual, classCount)
  checkCodes(predicted, classCount)
  const counts = new Float64Array(classCount * classCount)
  for (let i = 0; i < actual.length; i++) counts[actual[i]! * classCount + predicted[i]!]!++
  return { classCount, counts }
}

/** What the metrics of one class are made of. */
export interface ClassCounts {
  readonly klass: number
  readonly truePositives: number
  /** Rows of the class. */
  readonly actual: number
  /** Rows predicted to be of the class. */
  readonly predicted: number
}

/** Counts of every class that occurs among the actual ones. */
export function presentClasses({ classCount, counts }: ConfusionMatrix): ClassCounts[] {
  const present: ClassCounts[] = []
  for (let klass = 0; klass < classCount; klass++) {
    let actual = 0
    let predicted = 0
    for (let other = 0; other < classCount; other++) {
      actual += counts[klass * classCount + other]!
      predicted += counts[other * classCount + klass]!
    }
    if (actual > 0) present.push({ klass, truePositives: counts[klass * classCount + klass]!, actual, predicted })
  }
  return present
}

export function correctCount({ classCount, counts }: ConfusionMatrix): number {
  let correct = 0
  for (let k = 0; k < classCount; k++) correct += counts[k * classCount + k]!
  return correct
}
