import {
  type Block,
  type Cell,
  callout,
  formatCount,
  formatFixed,
  formatInterval,
  formatPercent,
  formatPValue,
  htmlDocument,
  keyFigures,
  list,
  paragraph,
  type Section,
  section,
  table,
} from '../../report/index.ts'
import type { DriftReport, DriftTest, PerformanceDrift } from './drift-report.ts'
import { ASPECT_WORDS, allTests, UNIT_WORDS } from './drift-words.ts'
import { columnCards } from './render-columns.ts'

/** A self-contained HTML page of a drift report: the verdict first, then the evidence. */
export function renderDriftHtml(report: DriftReport): string {
  const { rows, seed } = report
  return htmlDocument({
    title: 'Drift report',
    subtitle: `${formatCount(rows.current)} current rows against ${formatCount(rows.reference)} reference rows`,
    facts: [
      { label: 'False-alarm rate', value: `${formatPercent(report.falseAlarmRate)} a report` },
      { label: 'Tests', value: formatCount(allTests(report).length) },
      { label: 'Seed', value: String(seed) },
      { label: 'Format', value: report.format },
    ],
    sections: [
      verdictSection(report),
      ...performanceSection(report.performance),
      ...predictionSection(report),
      columnSection(report),
      testSection(report),
      methodSection(report),
    ],
  })
}

function verdictSection(report: DriftReport): Section {
  const tests = allTests(report)
  const alarms = tests.filter((test) => test.alarm)
  const held = tests.filter((test) => test.significant && !test.alarm)
  return section({
    id: 'verdict',
    title: 'Verdict',
    blocks: [
      verdict(alarms),
      keyFigures([
        {
          label: 'Alarms',
          value: formatCount(alarms.length),
          note: `of ${tests.length} tests`,
          tone: alarms.length > 0 ? 'bad' : 'good',
        },
        { label: 'Significant, but small', value: formatCount(held.length), note: 'below the floor: no alarm' },
        blindSpots(tests),
      ]),
      ...(alarms.length === 0
        ? []
        : [testTable('What changed, the largest effect first', byEffect(alarms), SHORT_COLUMNS)]),
    ],
  })
}

function verdict(alarms: readonly DriftTest[]): Block {
  if (alarms.length === 0)
    return callout(
      'good',
      'No drift',
      'Nothing differs from the reference by more than sampling and its own variation explain. See “smallest detectable” for what could have gone unseen.',
    )
  const subjects = [...new Set(byEffect(alarms).map(({ subject }) => subject))]
  const named = subjects.slice(0, 6).join(', ')
  return callout('bad', 'Drift', subjects.length > 6 ? `In ${named} and ${subjects.length - 6} more.` : `In ${named}.`)
}

/** The weakest of the value tests: what a reader of "no drift" must know. */
function blindSpots(tests: readonly DriftTest[]): { label: string; value: string; note: string } {
  const sizes = tests.filter(({ aspect }) => aspect === 'values').map((test) => test.minimumDetectableEffect ?? 1)
  const largest = sizes.reduce((most, size) => Math.max(most, size), 0)
  return {
    label: 'Smallest detectable',
    value: sizes.length === 0 ? '–' : formatPercent(largest),
    note: 'of the distribution moved, in the worst column, with power 0.8',
  }
}

function performanceSection(performance: PerformanceDrift | undefined): Section[] {
  if (performance === undefined) return []
  const names = [
    ...new Set(
      [performance.reference, performance.estimated, performance.realized].flatMap((side) => Object.keys(side ?? {})),
    ),
  ]
  if (names.length === 0) return []
  const rows = (names as (keyof NonNullable<PerformanceDrift['realized']>)[]).map((name): Cell[] => [
    name,
    formatInterval(performance.reference?.[name]),
    formatInterval((performance.estimated as PerformanceDrift['realized'])?.[name]),
    formatInterval(performance.realized?.[name]),
  ])
  const columns = ['Metric', 'Reference', 'Current, estimated without labels', 'Current, measured']
  return [
    section({
      id: 'performance',
      title: 'Performance',
      intro:
        'Estimates come from the model’s own calibrated probabilities. They see that rows became harder; they cannot see that the relation between columns and target changed.',
      blocks: [
        table({
          caption: 'Value and 95% interval',
          columns: columns.map((label, i) => ({ label, kind: i === 0 ? 'text' : 'number' })),
          rows,
        }),
        ...(performance.calibration
          ? [paragraph(`Calibration of the probabilities: ${performance.calibration}.`)]
          : []),
      ],
    }),
  ]
}

function predictionSection({ predictions }: DriftReport): Section[] {
  if (predictions.length === 0) return []
  return [
    section({
      id: 'predictions',
      title: 'Predictions',
      blocks: [columnCards('Find a prediction', predictions, 'prediction')],
    }),
  ]
}

function columnSection({ columns }: DriftReport): Section {
  const order = [...columns].sort((a, b) => Number(b.alarm) - Number(a.alarm))
  return section({
    id: 'columns',
    title: 'Columns',
    intro: 'Those with an alarm first.',
    blocks: [columnCards('Find a column', order, 'column')],
  })
}

function testSection(report: DriftReport): Section {
  return section({
    id: 'tests',
    title: 'All tests',
    blocks: [testTable('Every test of this report, the largest effect first', byEffect(allTests(report)), ALL_COLUMNS)],
  })
}

function methodSection(report: DriftReport): Section {
  return section({
    id: 'method',
    title: 'How this was decided',
    blocks: [
      paragraph(report.procedure),
      list([
        'p-values are exact, drawn by permutation, or asymptotic, as the method column says; all depend on both sample sizes.',
        'Adjusted p-values: Benjamini and Hochberg (1995), over all tests at once.',
        'Effect beyond sampling: the measured effect with that of sampling alone taken off in quadrature.',
        'Distances such as the population stability index are shown and decide nothing: what counts as large depends on the sample sizes.',
      ]),
    ],
  })
}

type TestColumn = readonly [label: string, kind: 'text' | 'number', cell: (test: DriftTest) => Cell]

const SHORT_COLUMNS: readonly TestColumn[] = [
  ['Subject', 'text', (test) => test.subject],
  ['Aspect', 'text', (test) => ASPECT_WORDS[test.aspect]],
  ['Effect beyond sampling', 'number', (test) => formatFixed(test.effectBeyondSampling)],
  ['Floor', 'number', (test) => formatFixed(test.floor)],
  ['Unit', 'text', (test) => UNIT_WORDS[test.effectUnit]],
  ['Adjusted p-value', 'text', (test) => formatPValue(test.adjustedPValue)],
]
const ALL_COLUMNS: readonly TestColumn[] = [
  ...SHORT_COLUMNS.slice(0, 2),
  ['Verdict', 'text', verdictCell],
  ['Effect', 'number', (test) => formatFixed(test.effect)],
  ...SHORT_COLUMNS.slice(2, 4),
  ['Smallest detectable', 'number', (test) => formatFixed(test.minimumDetectableEffect)],
  ...SHORT_COLUMNS.slice(5),
  ['Method', 'text', (test) => test.method],
]

function testTable(caption: string, tests: readonly DriftTest[], columns: readonly TestColumn[]): Block {
  return table({
    caption,
    columns: columns.map(([label, kind]) => ({ label, kind })),
    rows: tests.map((test) => columns.map(([, , cell]) => cell(test))),
  })
}

function verdictCell({ alarm, significant }: DriftTest): Cell {
  if (alarm) return { tone: 'bad', text: 'alarm' }
  return significant ? { tone: 'warning', text: 'small' } : { tone: 'good', text: 'same' }
}

function byEffect(tests: readonly DriftTest[]): DriftTest[] {
  return [...tests].sort(
    (a, b) =>
      Number(b.alarm) - Number(a.alarm) || b.effectBeyondSampling - a.effectBeyondSampling || a.pValue - b.pValue,
  )
}
