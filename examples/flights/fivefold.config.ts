import { defineProject } from 'fivefold'

export default defineProject({
  name: 'flight-delay',
  // Three million flights of January to June 2001, from the US Bureau of Transportation Statistics.
  data: { location: '../../node_modules/vega-datasets/data/flights-3m.parquet' },
  target: { name: 'late', sql: 'delay > 15' },
  // The past predicts what comes: the last tenth of the period is the test.
  split: { kind: 'time', column: 'date', testFraction: 0.1 },
  metric: 'rocAuc',
  criteria: [{ metric: 'rocAuc', atLeast: 0.6 }],
  out: '../../fivefold-out',
  store: '../../.fivefold',
})
