import { formatCount } from '../report/index.ts'
import type { EvaluateInput } from './evaluate-input.ts'
import type { RunRecord } from './run-record.ts'

type Sampled = NonNullable<RunRecord['sampled']>

/** Where a sample stood for all rows; undefined where none did. */
export function sampledRows({ train, pool, test, protocol, trained }: SampledInput): Sampled | undefined {
  const part = (rows: number, of: number): { rows: number; of: number } | undefined =>
    rows < of ? { rows, of } : undefined
  const [compared, fitted, tested] = [
    part(train.rows.length, pool.rows.length),
    part(trained.fittedRows, pool.rows.length),
    part(test.rows.length, protocol.testRows),
  ]
  if (!compared && !fitted && !tested) return undefined
  return { ...(compared && { compared }), ...(fitted && { fitted }), ...(tested && { tested }) }
}

type SampledInput = Pick<EvaluateInput, 'train' | 'pool' | 'test' | 'protocol' | 'trained'>

/** The same in sentences. */
export function sampleWarnings(sampled: Sampled | undefined): string[] {
  const count = ({ rows, of }: { rows: number; of: number }): string => `${formatCount(rows)} of ${formatCount(of)}`
  const { compared, fitted, tested } = sampled ?? {}
  return [
    ...(fitted
      ? [`the model is fitted on a sample of ${count(fitted)} training rows; more need a larger memoryMb in the config`]
      : []),
    ...(compared ? [`candidates are compared on a sample of ${count(compared)} training rows`] : []),
    ...(tested ? [`the figures are of a sample of ${count(tested)} test rows`] : []),
  ]
}
