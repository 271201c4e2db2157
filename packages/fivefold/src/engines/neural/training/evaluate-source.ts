import { PROGRAM_NAMES } from '../network/compile.ts'
import type { Trainer } from './trainer.ts'
import type { BatchSource, EpochMetric } from './training-options.ts'
import type { Batch, BatchArray } from './training-plan.ts'

/**
 * Loss and metrics of a program over all rows of a source. Rows that only fill up a batch are left out.
 *
 * @returns `loss` and each metric by name
 */
export async function evaluateSource(
  trainer: Trainer,
  program: string,
  source: BatchSource,
  metrics: Readonly<Record<string, EpochMetric>>,
): Promise<Record<string, number>> {
  const outputs = createCollector()
  const targets = createCollector()
  const measures = Object.entries(metrics)
  // What no metric reads stays in the thread that computed it.
  const options = { averaged: true, ...(measures.length === 0 && { outputs: [] }) }
  let lossSum = 0
  let weightSum = 0
  for await (const batch of source.epoch(0, 0)) {
    const { [PROGRAM_NAMES.loss]: loss, ...values } = await trainer.evaluate(program, batch, options)
    const rows = realRows(batch, source.batchSize)
    lossSum += rows * Number(loss!.data[0])
    weightSum += rows
    if (measures.length === 0) continue
    outputs.add(rows, source.batchSize, Object.fromEntries(Object.entries(values).map(([k, { data }]) => [k, data])))
    targets.add(rows, source.batchSize, batch.fields)
  }
  const [allOutputs, allTargets] = [outputs.all(), targets.all()]
  const measured = measures.map(([name, metric]) => [name, metric(allOutputs, allTargets)])
  return { loss: lossSum / weightSum, ...Object.fromEntries(measured) }
}

/** Rows that fill up come last. */
function realRows({ weights }: Batch, batchSize: number): number {
  if (weights === undefined) return batchSize
  const firstFiller = weights.indexOf(0)
  return firstFiller < 0 ? batchSize : firstFiller
}

interface Collector {
  add(rows: number, batchSize: number, fields: Readonly<Record<string, unknown>>): void
  /** Each field's rows end to end. */
  all(): Record<string, BatchArray>
}

function createCollector(): Collector {
  const parts = new Map<string, BatchArray[]>()
  return {
    add(rows, batchSize, fields) {
      for (const [name, data] of Object.entries(fields)) {
        const array = data as BatchArray
        const kept = array.slice(0, (array.length / batchSize) * rows)
        const sofar = parts.get(name)
        if (sofar) sofar.push(kept)
        else parts.set(name, [kept])
      }
    },
    all: () => Object.fromEntries(Array.from(parts, ([name, arrays]) => [name, concatenate(arrays)])),
  }
}

function concatenate(arrays: readonly BatchArray[]): BatchArray {
  const [first] = arrays
  const length = arrays.reduce((sum, array) => sum + array.length, 0)
  const whole = new (first!.constructor as new (length: number) => BatchArray)(length)
  let at = 0
  for (const array of arrays) {
    whole.set(array as never, at)
    at += array.length
  }
  return whole
}
