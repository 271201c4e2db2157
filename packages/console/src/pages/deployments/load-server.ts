import type { ServingClient } from '../../client/serving-client.ts'
import type { DeploymentReport, IndexedModel, OperationsReport, ServerDescription } from '../../client/serving-wire.ts'

/** A server with all that it serves, as of one moment. */
export interface ServerState {
  readonly description: ServerDescription
  readonly operations: OperationsReport | undefined
  readonly models: readonly IndexedModel[]
  readonly deployments: readonly DeploymentReport[]
}

export async function loadServer(server: ServingClient, signal: AbortSignal): Promise<ServerState> {
  const [description, operations, index] = await Promise.all([
    server.describe(signal),
    server.operations('none', signal),
    server.models(signal),
  ])
  const { deployments: names } = description
  const deployments = await Promise.all(names.map((name) => server.deployment(name, signal)))
  // Deployments answer as models do, and are in the index beside them.
  return { description, operations, models: index.filter(({ name }) => !names.includes(name)), deployments }
}
