import { type Context, throwIfCancelled } from '../../../core/index.ts'
import type { BoostingModel } from '../model/model.ts'
import { type BoostingParams, resolveParamsFor } from '../parameters.ts'
import type { CallerFunctions } from './caller-functions.ts'
import { joinModels } from './join-models.ts'
import type { TrainingData } from './labelled-rows.ts'
import { trainInSlices } from './train-in-slices.ts'
import { trainInWorkers } from './train-in-workers.ts'
import { prepareJob } from './training-data.ts'

/** Feature values below which a round is so short that the caller's thread can train between its other tasks. */
const LEAST_VALUES_A_WORKER = 200_000
/**
 * Trains gradient-boosted trees (second-order boosting after Chen and Guestrin, 2016, on histograms of quantised
 * gradients after Shi et al., 2022; splits by category after Ke et al., 2017) in worker threads; small tables in slices of
 * milliseconds between the caller's other tasks, which is over before a worker has started. The same data, parameters and `context.rng` give the same model, byte for byte, whatever `context.threads` is.
 *
 * @param data features and target of equal length; NaN features are missing, and each split learns their side.
 *   Features over shared memory are read in place.
 * @param functions an objective or metric of the caller's own, which run in the caller's thread
 * @throws OPTION_INVALID for parameters, TRAIN_INPUT for data, CANCELLED after `context.signal` is aborted
 */
export async function trainBoosting(
  data: TrainingData,
  params: Partial<BoostingParams>,
  context: Context,
  functions: CallerFunctions = {},
): Promise<BoostingModel> {
  const resolved = resolveParamsFor(data.target, params)
  throwIfCancelled(context.signal)
  const { objective, metric } = functions
  const custom = { objective: objective !== undefined, metric: metric && { higherIsBetter: metric.higherIsBetter } }
  const job = prepareJob(data, resolved, context.rng.fork('boosting').int(2 ** 32), custom)
  const isSmall = job.train.rowCount * job.train.features.length < LEAST_VALUES_A_WORKER
  const isPlain = objective === undefined && metric === undefined
  const model =
    isSmall && isPlain ? await trainInSlices(job, context) : (await trainInWorkers(job, context, functions))[0]!
  return data.initialModel === undefined ? model : joinModels(data.initialModel, model)
}
