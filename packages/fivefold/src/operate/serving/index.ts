export type { AccessOptions } from './access/open-admission.ts'
export { parseRateLimit, type RateLimit } from './access/rate-limit.ts'
export { openTokenFile, type ServingToken, type ServingTokens } from './access/token-file.ts'
export type { Degradation } from './deployments/degrade.ts'
export { createDeploymentEndpoint, type DeploymentEndpoint } from './deployments/deployment-endpoint.ts'
export type { DeploymentsOptions } from './deployments/deployments.ts'
export type { JobsOptions } from './jobs/jobs.ts'
export type { RunOptions, Servable, TableFace, TensorSpec, Tensors } from './model/servable.ts'
export type { JsonScalar, ServedColumn, ServedOutput } from './model/table-face.ts'
export type { CostReport, PriceOptions } from './operations/cost.ts'
export type { OperationsReport } from './operations/operations-report.ts'
export type { SloOptions } from './operations/slo/objectives.ts'
export type { SloReport } from './operations/slo/slo-report.ts'
export { protocolsOfEnvironment } from './protocols/container-environment.ts'
export type { ProtocolChoices } from './protocols/index.ts'
export { createJsonLogger } from './request-log/json-logger.ts'
export type { LoggedRequests, RequestLogOptions } from './request-log/request-log.ts'
export type { BatchingOptions } from './runtime/batching/batcher.ts'
export { createModelRepository, type OwnedRepository, type RepositoryOptions } from './runtime/create-repository.ts'
export type { ServingLimits } from './runtime/limits.ts'
export type {
  InferOptions,
  ModelEndpoint,
  ModelRepository,
  ModelSource,
  ModelState,
  ModelStatus,
} from './runtime/model-repository.ts'
export type { RedisCacheOptions } from './runtime/redis-cache.ts'
export type { SharedCache } from './runtime/shared-cache.ts'
export {
  type RunningServer,
  type ServeBundleOptions,
  type ServeOptions,
  serveBundle,
  serveModels,
} from './server/serve-models.ts'
export type { TlsFiles } from './tls/certificates.ts'
export type { ErrorBody } from './wire/error-reply.ts'
export {
  type RunningWorkers,
  type ServeInWorkersOptions,
  serveInWorkers,
  type WorkerServeOptions,
} from './workers/serve-in-workers.ts'
