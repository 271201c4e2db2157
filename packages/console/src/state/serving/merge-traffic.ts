import type {
  DeploymentRecord,
  ModelOperations,
  OperationsReport,
  Traffic,
  WindowName,
} from '../../client/serving-wire.ts'

/** What the models of a deployment answered in a window. */
export type DeploymentTraffic = Pick<
  Traffic,
  'seconds' | 'requests' | 'refused' | 'failed' | 'requestsPerSecond' | 'latencyMs'
>

/**
 * The sum over the models of all variants, and over what was counted under the deployment's own name since no variant was found.
 * Requests that named such a model themselves are among them. Percentiles cannot be added: they are those of the model that
 * answered most. Undefined where none of the models is known.
 */
export function trafficOfDeployment(
  { name, variants }: DeploymentRecord,
  { models }: OperationsReport,
  window: WindowName,
): DeploymentTraffic | undefined {
  const isMeant = (one: ModelOperations): boolean =>
    one.name === name ||
    Object.values(variants).some(
      ({ model, version }) => one.name === model && (version === undefined || one.version === version),
    )
  const parts = models.filter(isMeant).map(({ windows }) => windows[window])
  if (parts.length === 0) return undefined
  const sum = (field: 'requests' | 'refused' | 'failed' | 'requestsPerSecond'): number =>
    parts.reduce((total, part) => total + part[field], 0)
  const main = parts.reduce((a, b) => (b.requests > a.requests ? b : a))
  return {
    seconds: Math.max(...parts.map(({ seconds }) => seconds)),
    requests: sum('requests'),
    refused: sum('refused'),
    failed: sum('failed'),
    requestsPerSecond: sum('requestsPerSecond'),
    latencyMs: main.latencyMs,
  }
}

/** The version of a model that a variant means: the one that it names, else the one that answered most lately. */
export function operationsOfVariant(
  { models }: OperationsReport,
  { model, version }: { readonly model: string; readonly version?: string },
): ModelOperations | undefined {
  const found = models.filter((one) => one.name === model && (version === undefined || one.version === version))
  const living = found.filter(({ state }) => state !== 'gone')
  return (living.length > 0 ? living : found).reduce<ModelOperations | undefined>(
    (best, one) => (best && best.windows['5m'].requests >= one.windows['5m'].requests ? best : one),
    undefined,
  )
}
