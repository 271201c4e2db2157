import {
  type Block,
  barChart,
  callout,
  chart,
  columns,
  formatCount,
  formatFixed,
  formatPercent,
  histogramChart,
  paragraph,
  type Section,
  section,
  table,
} from '../../report/index.ts'
import type { Profile } from '../profile.ts'
import { binsOfHistogram } from './histogram-bins.ts'

const MOST_FEATURES = 20

/** The target: how it is distributed, what predicts it, and what may give it away. */
export function targetSection(profile: Profile): Section[] {
  const { target, targetProfile, associations } = profile
  if (target === null || !targetProfile) return []
  const strongest = associations.withTarget.slice(0, 12)
  const blocks: Block[] = [
    columns(distributionOf(profile), [
      ...(strongest.length > 0
        ? [
            chart({
              title: 'What says most about the target',
              caption: `mutual information, bits; n = ${formatCount(profile.sampleRows)}`,
              svg: barChart({
                bars: strongest.map(({ column, mutualInformation }) => ({ name: column, value: mutualInformation })),
                x: 'bits',
                unit: 'number',
                width: 460,
                label: `Mutual information of columns with ${target}`,
              }),
            }),
          ]
        : []),
    ]),
    ...leakageBlocks(profile),
    powerTable(profile),
  ]
  return [section({ id: 'target', title: `Target: ${target}`, blocks })]
}

function distributionOf({ target, targetProfile, columns: all, rows }: Profile): Block[] {
  if (targetProfile?.kind === 'classes') {
    const bars = targetProfile.classes.slice(0, 15).map(({ name, share }) => ({ name, value: share }))
    return [
      chart({
        title: 'Classes',
        caption: `share of ${formatCount(rows - targetProfile.missing)} rows`,
        svg: barChart({
          bars,
          x: 'share of the rows',
          unit: 'share',
          width: 460,
          label: `Shares of the classes of ${target}`,
        }),
      }),
    ]
  }
  const histogram = all.find(({ name }) => name === target)?.histogram
  if (!histogram) return []
  const cut = histogram.below + histogram.above
  return [
    chart({
      title: 'Distribution',
      caption: cut > 0 ? `${formatCount(cut)} rows lie outside` : `${formatCount(rows)} rows`,
      svg: histogramChart({
        bins: binsOfHistogram(histogram),
        x: target ?? '',
        width: 460,
        height: 240,
        label: `Histogram of ${target}`,
      }),
    }),
  ]
}

function leakageBlocks({ leakage, target }: Profile): Block[] {
  if (leakage.length === 0) return [paragraph('No column looks as if it were known only after the target.')]
  return leakage.map(({ columns: names, evidence, severity, n }) =>
    callout(
      severity,
      `Leakage suspect: ${names.join(' + ')}`,
      `${evidence}. n = ${formatCount(n)}. Keep only what is known before ${target} is.`,
    ),
  )
}

function powerTable({ associations }: Profile): Block {
  const [first] = associations.withTarget
  const measure = first?.powerMetric === 'r2' ? 'R²' : 'ROC AUC'
  return table({
    caption: `Each column alone: mutual information, and ${measure} on rows that it was not fitted to`,
    columns: [
      { label: 'column' },
      { label: measure, kind: 'number' },
      { label: 'information, bits', kind: 'number' },
      { label: 'of the target’s entropy' },
      { label: 'n', kind: 'number' },
    ],
    rows: associations.withTarget
      .map(({ column, power, mutualInformation, shareOfTarget, n }) => [
        column,
        formatFixed(power),
        formatFixed(mutualInformation),
        { share: shareOfTarget, text: formatPercent(shareOfTarget) },
        n,
      ])
      .slice(0, 200),
    openRows: MOST_FEATURES,
  })
}
