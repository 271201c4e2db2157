import { FivefoldError } from '../../../../core/index.ts'
import type { ModelState, ModelStatus } from '../../runtime/model-repository.ts'

/** tensorflow_serving/apis/get_model_status.proto */
const STATES: Record<ModelState, string> = {
  loading: 'LOADING',
  ready: 'AVAILABLE',
  unloading: 'UNLOADING',
  failed: 'END',
}

/**
 * The answer of `GET /v1/models/{model}`.
 *
 * @throws MODEL_NOT_FOUND where no version fits
 */
export function statusBody(statuses: readonly ModelStatus[], model: string, version?: string): object {
  const found = statuses.filter(
    (status) => status.name === model && (version === undefined || status.version === version),
  )
  if (found.length === 0) {
    const what = version === undefined ? `any versions of model ${model}` : `version ${version} of model ${model}`
    throw new FivefoldError('MODEL_NOT_FOUND', `Could not find ${what}`)
  }
  return { model_version_status: found.map(versionStatus) }
}

function versionStatus({ version, state, reason }: ModelStatus): object {
  const isFailed = state === 'failed'
  return {
    version,
    state: STATES[state],
    status: { error_code: isFailed ? 'INTERNAL' : 'OK', error_message: isFailed ? (reason ?? '') : '' },
  }
}
