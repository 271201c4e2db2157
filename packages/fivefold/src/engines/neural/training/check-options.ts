import { availableParallelism } from 'node:os'
import { FivefoldError } from '../../../core/index.ts'
import { defineSchedule } from '../schedule/index.ts'
import { checkKnownOptions } from './known-options.ts'
import type { BatchSource, TrainingOptions } from './training-options.ts'

/** Throws OPTION_INVALID where options are unknown, out of range, or do not go together. */
export function checkTrainingOptions(options: TrainingOptions): void {
  checkKnownOptions(options)
  const { accumulate = 1, workers = 1, epochs, data, earlyStopping, validation, checkpoint, schedule } = options
  checkCounts({ epochs, accumulate, workers })
  if (checkpoint?.everySteps !== undefined) checkCounts({ 'checkpoint.everySteps': checkpoint.everySteps })
  checkSource('data', data)
  if (validation) checkSource('validation', validation)
  checkPositive('clipNorm', options.clipNorm)
  checkPositive('clipValue', options.clipValue)
  if (schedule) defineSchedule(schedule)
  checkWorkers(workers)
  if (accumulate % workers !== 0) fail(`accumulate (${accumulate}) must be a multiple of workers (${workers})`)
  if (data.batchCount < accumulate)
    fail(`an epoch has ${data.batchCount} batches, fewer than the ${accumulate} of one update`)
  if (earlyStopping && !validation) fail('early stopping needs validation rows')
  if (earlyStopping && !(earlyStopping.patience >= 0))
    fail(`earlyStopping.patience must be a number of epochs, got ${earlyStopping.patience}`)
}

/** More threads than cores only wait for each other, and each takes the memory of a whole training graph. */
function checkWorkers(workers: number): void {
  const cores = availableParallelism()
  if (workers > cores) fail(`workers is ${workers}, and this machine has ${cores} cores: set it to ${cores} at most`)
}

const checkSource = (name: string, { batchSize, batchCount }: BatchSource): void =>
  checkCounts({ [`${name}.batchSize`]: batchSize, [`${name}.batchCount`]: batchCount })

function checkCounts(counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts))
    if (!Number.isInteger(count) || count < 1) fail(`${name} must be a positive integer, got ${count}`)
}

function checkPositive(name: string, value: number | undefined): void {
  if (value !== undefined && !(value > 0)) fail(`${name} must be above 0, got ${value}`)
}

function fail(message: string): never {
  throw new FivefoldError('OPTION_INVALID', message)
}
