import { createHttp, unlessMissing } from './http.ts'
import type {
  DeploymentRecord,
  DeploymentReport,
  DeploymentSpec,
  IndexedModel,
  OperationsReport,
  ServerDescription,
} from './serving-wire.ts'

/** Who changes something, and why. */
export interface Author {
  readonly by: string
  readonly reason: string
}

/** `10m` in steps of ten seconds, `1h` in steps of a minute. */
export type HistorySpan = '10m' | '1h'

/** Everything that the pages ask a server of models. Methods that fail reject with a ClientError. */
export interface ServingClient {
  describe(signal: AbortSignal): Promise<ServerDescription>
  /** Undefined where the server does not tell. */
  operations(history: HistorySpan | 'none', signal: AbortSignal): Promise<OperationsReport | undefined>
  models(signal: AbortSignal): Promise<IndexedModel[]>
  deployment(name: string, signal: AbortSignal): Promise<DeploymentReport>
  /** All versions, oldest first. */
  history(name: string, signal: AbortSignal): Promise<DeploymentRecord[]>

  /** Gives everything to a variant: the canary where none is named. */
  promote(name: string, author: Author, variant?: string): Promise<void>
  /** Ends a canary, or brings back what was before this policy. */
  rollBack(name: string, author: Author): Promise<void>
  /** Refused where somebody else changed that version before. */
  update(name: string, spec: DeploymentSpec, author: Author, expectedVersion: number): Promise<void>
  /** The newest version in place of the others. */
  load(model: string): Promise<void>
  /** All its versions. */
  unload(model: string): Promise<void>
}

/** Speaks to the server whose routes begin at `base`. */
export function createServingClient(base: string): ServingClient {
  const http = createHttp(base)
  const step = encodeURIComponent
  const send = async (method: 'POST' | 'PUT', path: string, body: object): Promise<void> => {
    await http.send(method, path, body)
  }
  return {
    describe: (signal) => http.get('server', {}, signal),
    operations: (history, signal) => unlessMissing(http.get<OperationsReport>('operations', { history }, signal)),
    models: (signal) => http.send('POST', 'v2/repository/index', {}, signal),
    deployment: (name, signal) => http.get(`deployments/${step(name)}`, {}, signal),
    async history(name, signal) {
      const { versions } = await http.get<{ versions: DeploymentRecord[] }>(
        `deployments/${step(name)}/history`,
        {},
        signal,
      )
      return versions
    },
    promote: (name, author, variant) =>
      send('POST', `deployments/${step(name)}/promote`, { ...author, ...(variant !== undefined && { variant }) }),
    rollBack: (name, author) => send('POST', `deployments/${step(name)}/rollback`, author),
    update: (name, spec, author, expectedVersion) =>
      send('PUT', `deployments/${step(name)}`, { ...author, spec, expectedVersion }),
    load: (model) => send('POST', `v2/repository/models/${step(model)}/load`, {}),
    unload: (model) => send('POST', `v2/repository/models/${step(model)}/unload`, {}),
  }
}
