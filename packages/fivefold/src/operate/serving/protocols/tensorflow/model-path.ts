import { FivefoldError } from '../../../../core/index.ts'

/** What a path below `/v1/models` names. */
export interface ModelPath {
  /** Absent in `/v1/models`. */
  readonly model?: string
  readonly version?: string
  readonly label?: string
  readonly isMetadata: boolean
  readonly method?: PredictMethod
}

export type PredictMethod = 'predict' | 'classify' | 'regress'

/** The expressions of TensorFlow Serving, but for versions, which need not be numbers here. */
const OF_MODEL = '/v1/models/([^/:]+)(?:/versions/([^/:]+)|/labels/([^/:]+))?'
const CALL = new RegExp(`^${OF_MODEL}:(predict|classify|regress)$`, 'i')
const QUESTION = new RegExp(`^(?:/v1/models|${OF_MODEL}(/metadata)?)/?$`, 'i')

/** @throws REQUEST_INVALID for a path that the protocol does not have */
export function parseModelPath(method: string, url: string): ModelPath {
  const path = url.split('?', 1)[0]!
  const found = (method === 'POST' ? CALL : QUESTION).exec(path)
  if (!found) throw new FivefoldError('REQUEST_INVALID', `Malformed request: ${method} ${path.slice(0, 200)}`)
  const [, model, version, label, last] = found
  return {
    ...(model === undefined ? {} : { model: decode(model) }),
    ...(version === undefined ? {} : { version: decode(version) }),
    ...(label === undefined ? {} : { label: decode(label) }),
    isMetadata: method !== 'POST' && last !== undefined,
    ...(method === 'POST' ? { method: last!.toLowerCase() as PredictMethod } : {}),
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (cause) {
    throw new FivefoldError('REQUEST_INVALID', `Failed to decode '${part.slice(0, 100)}' of the path`, { cause })
  }
}
