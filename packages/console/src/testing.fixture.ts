import type { Run } from './client/records.ts'

/** A finished run with nothing logged, changed by `parts`. */
export const runWith = (parts: Partial<Run>): Run => ({
  id: 'run',
  name: 'run',
  experimentId: '1',
  status: 'finished',
  startedMs: 1000,
  endedMs: 2000,
  user: '',
  deleted: false,
  metrics: {},
  params: {},
  tags: {},
  datasets: [],
  ...parts,
})

export const metricOf = (value: number) => ({ value, step: 0, timestampMs: 0 })
