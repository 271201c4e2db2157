import { join } from 'node:path'
import { type Context, FivefoldError } from '../../../core/index.ts'
import { type Deployment, openDeployment } from '../../rollout/deployment/deployment.ts'
import { parseDeploymentSpec } from '../../rollout/deployment/deployment-record.ts'
import { createDeploymentStore, ensureDeployment } from '../../rollout/deployment/deployment-store.ts'
import type { ModelRepository } from '../runtime/model-repository.ts'
import { createDeploymentEndpoint, type DeploymentEndpoint } from './deployment-endpoint.ts'

export interface DeploymentsOptions {
  /** Folder for the versions of all deployments and their logs. */
  readonly dir: string
  /** What deployments are made from that the folder does not hold yet. */
  readonly specs?: readonly { readonly name: string; readonly spec: unknown }[]
  readonly context: Context
}

/** A deployment that answers. */
export interface OpenDeployment {
  readonly deployment: Deployment
  readonly endpoint: DeploymentEndpoint
}

/** The deployments of one server. */
export interface Deployments {
  names(): readonly string[]
  /** @throws DEPLOYMENT_NOT_FOUND */
  get(name: string): OpenDeployment
  find(name: string): OpenDeployment | undefined
  close(): Promise<void>
}

/**
 * Opens every deployment of a folder, and makes those that are specified and not there yet.
 *
 * @throws CONFIG_INVALID; MODEL_NOT_FOUND where a variant names a model that the repository does not hold; STORE_CONFLICT where
 *   another process has the folder open
 */
export async function openDeployments(
  { dir, specs = [], context }: DeploymentsOptions,
  repository: ModelRepository,
): Promise<Deployments> {
  const store = createDeploymentStore(join(dir, 'versions'))
  for (const { name, spec } of specs) {
    await ensureDeployment(store, name, parseDeploymentSpec(spec), { timeMs: context.clock.nowMs(), by: 'server' })
  }
  const open = new Map<string, OpenDeployment>()
  const close = async (): Promise<void> => {
    await Promise.all([...open.values()].map(({ endpoint }) => endpoint.settled()))
    for (const { deployment } of open.values()) await deployment.close()
  }
  try {
    for (const name of await store.names()) {
      const deployment = await openDeployment({ store, name, logDir: join(dir, 'log'), context })
      open.set(name, { deployment, endpoint: createDeploymentEndpoint(deployment, repository) })
      checkVariants(deployment, repository)
    }
  } catch (thrown) {
    await close()
    throw thrown
  }
  return {
    names: () => [...open.keys()],
    find: (name) => open.get(name),
    get: (name) => {
      const found = open.get(name)
      if (!found) throw new FivefoldError('DEPLOYMENT_NOT_FOUND', `there is no deployment '${name.slice(0, 100)}'`)
      return found
    },
    close,
  }
}

function checkVariants(deployment: Deployment, repository: ModelRepository): void {
  for (const { model, version } of Object.values(deployment.record().variants)) repository.endpoint(model, version)
}
