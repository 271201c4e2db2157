import type {
  DeploymentRecord,
  OperationsHistory,
  OperationsReport,
  OperationsSeries,
  PercentileName,
} from '../../client/serving-wire.ts'
import { operationsOfVariant } from './merge-traffic.ts'

/** Something of which there are curves: a variant, a model, a whole server. */
export interface LiveSource {
  readonly label: string
  readonly series: OperationsSeries
}

/** The curves of the variants of a deployment, in the order of its record; those that answered nothing have none. */
export function variantSources({ variants }: DeploymentRecord, operations: OperationsReport | undefined): LiveSource[] {
  const history = operations?.history
  if (!operations || !history) return []
  return Object.entries(variants).flatMap(([variant, model]) => {
    const found = operationsOfVariant(operations, model)
    const series = found && seriesOf(history, found)
    return series ? [{ label: variant, series }] : []
  })
}

export const seriesOf = (
  { models }: OperationsHistory,
  { name, version }: { readonly name: string; readonly version: string },
): OperationsSeries | undefined => models.find((one) => one.name === name && one.version === version)?.series

/** One curve over the steps of a history. */
export interface LiveCurve {
  readonly label: string
  readonly values: readonly (number | null)[]
}

export type LiveColumns = (series: OperationsSeries) => readonly (number | null)[]

/** A quantity of each source. */
export const curvesOf = (sources: readonly LiveSource[], column: LiveColumns): LiveCurve[] =>
  sources.map(({ label, series }) => ({ label, values: column(series) }))

const PERCENTILES: readonly PercentileName[] = ['p50', 'p95', 'p99']

/** Percentiles of one source, each a curve; of several sources the chosen percentile of each. */
export function percentileCurves(
  sources: readonly LiveSource[],
  chosen: PercentileName,
  column: (series: OperationsSeries) => Readonly<Record<PercentileName, readonly (number | null)[]>>,
): LiveCurve[] {
  const [only] = sources
  if (sources.length === 1 && only)
    return PERCENTILES.map((name) => ({ label: name, values: column(only.series)[name] }))
  return curvesOf(sources, (series) => column(series)[chosen])
}

/** Whether any value was measured and is not zero: a chart of nothing is left out. */
export const hasValues = (curves: readonly LiveCurve[]): boolean =>
  curves.some(({ values }) => values.some((value) => value !== null && value !== 0))
