import type { HistorySpan, ServingClient } from '../../client/serving-client.ts'
import type {
  DeploymentRecord,
  DeploymentReport,
  OperationsReport,
  ServerDescription,
} from '../../client/serving-wire.ts'

/** A deployment as of one moment. */
export interface DeploymentNow {
  readonly report: DeploymentReport
  /** Oldest first. */
  readonly history: readonly DeploymentRecord[]
  readonly operations: OperationsReport | undefined
  readonly changes: ServerDescription['changes']
}

export async function loadDeployment(
  server: ServingClient,
  name: string,
  span: HistorySpan,
  signal: AbortSignal,
): Promise<DeploymentNow> {
  const [{ changes }, operations, report, history] = await Promise.all([
    server.describe(signal),
    server.operations(span, signal),
    server.deployment(name, signal),
    server.history(name, signal),
  ])
  return { changes, operations, report, history }
}
