import { createPartTimer } from '../../requests/request-record.ts'
import type { InferOptions, ModelEndpoint } from '../../runtime/model-repository.ts'
import type { ServingContext } from '../../server/serving-context.ts'
import { toReplyError } from '../../wire/error-reply.ts'
import { feedsOfRequest } from './infer-feeds.ts'
import { readInferRequest } from './infer-request.ts'
import { writeInferResponse } from './infer-response.ts'
import { flagMessage, modelMetadata, readTexts, repositoryIndex, serverMetadata } from './metadata-messages.ts'

/** What a call brings along beside its message. */
export type CallOptions = Omit<InferOptions, 'outputs'>

/** A unary method: the bytes of its request to those of its answer. */
export type Method = (request: Buffer, call: CallOptions) => Buffer | Promise<Buffer>

/** grpc.health.v1: what Kubernetes asks. */
const [SERVING, NOT_SERVING] = [1, 2]

/** Full names of methods, as clients call them. Management is there only where it is allowed. */
export function grpcMethods(options: ServingContext): Readonly<Record<string, Method>> {
  const { repository, ready } = options
  const inference: Record<string, Method> = {
    ServerLive: () => flagMessage(true),
    ServerReady: () => flagMessage(ready()),
    ModelReady: (request) => flagMessage(ready() && isModelReady(request, options)),
    ServerMetadata: () => serverMetadata(options.management ? ['model_repository'] : []),
    ModelMetadata: (request) => {
      const { model } = endpointNamed(request, options)
      const versions = repository.statuses().filter(({ name, state }) => name === model.name && state === 'ready')
      return modelMetadata(
        model,
        versions.map(({ version }) => version),
      )
    },
    ModelInfer: (request, call) => infer(request, call, options),
    ...managementMethods(options),
  }
  return {
    ...under('inference.GRPCInferenceService', inference),
    '/grpc.health.v1.Health/Check': () => flagMessage(ready() ? SERVING : NOT_SERVING),
  }
}

const under = (service: string, methods: Record<string, Method>): Record<string, Method> =>
  Object.fromEntries(Object.entries(methods).map(([name, method]) => [`/${service}/${name}`, method]))

function managementMethods({ management, repository }: ServingContext): Record<string, Method> {
  if (!management) return {}
  return {
    RepositoryIndex: () => repositoryIndex(repository.statuses()),
    RepositoryModelLoad: async (request) => {
      await management.load(readTexts(request, 2)[2]!)
      return Buffer.alloc(0)
    },
    RepositoryModelUnload: async (request) => {
      await management.unload(readTexts(request, 2)[2]!)
      return Buffer.alloc(0)
    },
  }
}

function endpointNamed(request: Buffer, { repository }: ServingContext): ModelEndpoint {
  const [, name, version] = readTexts(request, 2)
  return repository.endpoint(name || undefined, version || undefined)
}

/** A model that is not there is not ready, which is no error of whoever asks. */
function isModelReady(request: Buffer, options: ServingContext): boolean {
  try {
    endpointNamed(request, options)
    return true
  } catch (thrown) {
    const { category } = toReplyError(thrown).error
    if (category === 'notFound' || category === 'unavailable') return false
    throw thrown
  }
}

async function infer(
  bytes: Buffer,
  call: CallOptions,
  { repository, limits, metrics }: ServingContext,
): Promise<Buffer> {
  const startMs = performance.now()
  const request = readInferRequest(bytes)
  const endpoint = repository.endpoint(request.model || undefined, request.version || undefined)
  const { model } = endpoint
  const endPart = createPartTimer(metrics, model, call.record)
  const feeds = feedsOfRequest(request, model, limits.rows)
  endPart('decode', startMs)
  const { outputs } = request
  const answer = await endpoint.infer(feeds, { ...call, ...(outputs.length > 0 && { outputs }) })
  const answeredMs = performance.now()
  const response = writeInferResponse(answer, model, request)
  endPart('encode', answeredMs)
  return response
}
