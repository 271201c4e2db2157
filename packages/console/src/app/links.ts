import { type RunView, viewToParams } from '../state/run-view.ts'
import { toHash } from './location.ts'

export type RunTab = 'overview' | 'metrics' | 'artifacts' | 'children'

export type DeploymentTab = 'overview' | 'live'

/** The addresses of all pages. */
export const links = {
  experiments: () => toHash(['experiments']),
  experiment: (id: string, view?: RunView) => toHash(['experiments', id], view && viewToParams(view)),
  run: (id: string, tab: RunTab = 'overview') => toHash(tab === 'overview' ? ['runs', id] : ['runs', id, tab]),
  artifact: (runId: string, path: string) => toHash(['runs', runId, 'artifacts'], new URLSearchParams({ path })),
  compare: (runIds: readonly string[]) => toHash(['compare'], new URLSearchParams({ runs: runIds.join(',') })),
  models: () => toHash(['models']),
  model: (name: string) => toHash(['models', name]),
  deployments: () => toHash(['deployments']),
  deployment: (server: string, name: string, tab: DeploymentTab = 'overview') =>
    toHash(['deployments', server, name, ...(tab === 'overview' ? [] : [tab])]),
  server: (id: string, model?: { readonly name: string; readonly version: string }) =>
    toHash(['servers', id], model && new URLSearchParams({ model: `${model.name}/${model.version}` })),
  version: (name: string, version: string) => toHash(['models', name, 'versions', version]),
}
