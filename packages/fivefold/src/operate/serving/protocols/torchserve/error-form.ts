import type { FivefoldError } from '../../../../core/index.ts'
import { objectOf, TEXT } from '../../wire/describe-route.ts'

/** Names of the exceptions that TorchServe tells. */
const TYPES: Readonly<Record<number, string>> = {
  400: 'BadRequestException',
  401: 'InvalidKeyException',
  403: 'InvalidKeyException',
  404: 'ModelNotFoundException',
  405: 'MethodNotAllowedException',
  409: 'ConflictStatusException',
  413: 'RequestEntityTooLargeException',
  415: 'UnsupportedMediaTypeException',
  429: 'TooManyRequestsException',
  503: 'ServiceUnavailableException',
  504: 'RequestTimeoutException',
  507: 'InsufficientStorageException',
}

/** `{code, type, message}`, as TorchServe and the multi-model server of SageMaker have it. */
export function torchServeError({ message }: Pick<FivefoldError, 'message'>, status: number): object {
  return {
    code: status,
    type: TYPES[status] ?? (status < 500 ? 'BadRequestException' : 'InternalServerException'),
    message,
  }
}

export const TORCHSERVE_ERROR = objectOf({ code: { type: 'integer' }, type: TEXT, message: TEXT })
