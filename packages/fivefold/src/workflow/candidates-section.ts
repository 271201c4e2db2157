import type { MetricName } from '../metrics/index.ts'
import {
  chart,
  formatBytes,
  formatCount,
  formatDuration,
  formatInterval,
  intervalChart,
  paragraph,
  type Section,
  section,
  table,
} from '../report/index.ts'
import type { TrainedModel } from '../train/index.ts'
import type { SampleSize } from './run-record.ts'

/** How the chosen candidate compares with the others, and what it is made of. */
export function candidatesSection(trained: TrainedModel, metric: MetricName, sample?: SampleSize): Section {
  const which = sample
    ? `a sample of ${formatCount(sample.rows)} of the ${formatCount(sample.of)} training rows, on the part of it`
    : 'training rows'
  const rows = trained.leaderboard.flatMap(({ estimator, metrics }) => {
    const measured = metrics[metric]
    return measured ? [{ name: estimator, ...measured, highlighted: estimator === trained.estimator }] : []
  })
  return section({
    id: 'candidates',
    title: 'Candidates',
    intro: `Measured on ${which} that each candidate had not seen; the test rows played no part in the choice.`,
    blocks: [
      chart({
        title: `${metric} by candidate`,
        svg: intervalChart({ label: `${metric} by candidate`, rows, x: metric }),
      }),
      table({
        caption: 'Candidates, best first',
        columns: [
          { label: 'candidate' },
          { label: metric, kind: 'number' },
          { label: 'size', kind: 'number' },
          { label: 'training', kind: 'number' },
          { label: '' },
        ],
        rows: trained.leaderboard.map((entry) => [
          entry.estimator,
          entry.metrics[metric] ? formatInterval(entry.metrics[metric]) : null,
          formatBytes(entry.sizeBytes),
          formatDuration(entry.fitSeconds * 1000),
          entry.excluded ?? (entry.estimator === trained.estimator ? 'chosen' : ''),
        ]),
      }),
      paragraph(`Parameters of ${trained.estimator}: ${JSON.stringify(trained.params)}.`),
      table({
        caption: 'Feature steps',
        columns: [{ label: 'step' }, { label: 'columns' }, { label: 'features', kind: 'number' }],
        rows: trained.features.map(({ step, inputs, outputs }) => [step, inputs.join(', '), outputs.length]),
      }),
    ],
  })
}
