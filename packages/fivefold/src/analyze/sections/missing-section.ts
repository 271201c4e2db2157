import {
  type Block,
  barChart,
  callout,
  chart,
  formatCount,
  formatFixed,
  formatNumber,
  formatPercent,
  formatPValue,
  type Section,
  section,
  table,
} from '../../report/index.ts'
import type { Profile } from '../profile.ts'

/** Where values are missing, what is missing together, and whether it says something about the target. */
export function missingSection(profile: Profile): Section {
  const { missingness, rows, sampleRows } = profile
  if (missingness.columns.length === 0)
    return section({
      id: 'missing',
      title: 'Missing values',
      blocks: [callout('good', 'Complete', 'No value is missing.')],
    })
  const shown = missingness.columns.slice(0, 25)
  const rest = missingness.columns.length - shown.length
  return section({
    id: 'missing',
    title: 'Missing values',
    intro: `${missingness.columns.length} of ${profile.columns.length} columns have gaps.`,
    blocks: [
      chart({
        title: 'Share missing',
        caption: `of ${formatCount(rows)} rows${rest > 0 ? `; ${rest} more columns have fewer gaps` : ''}`,
        svg: barChart({
          bars: shown.map(({ name, missing }) => ({ name, value: missing / rows })),
          x: 'share of the rows',
          unit: 'share',
          label: 'Share of missing values by column',
        }),
      }),
      patternTable(missingness, sampleRows),
      ...togetherBlocks(missingness),
      ...targetBlocks(profile),
    ],
  })
}

function patternTable({ patterns }: Profile['missingness'], sampleRows: number): Block {
  return table({
    caption: `Columns missing in the same rows, on ${formatCount(sampleRows)} rows`,
    columns: [{ label: 'missing together' }, { label: 'rows', kind: 'number' }, { label: 'share' }],
    rows: patterns.map(({ columns, rows }) => [
      columns.join(', '),
      rows,
      { share: rows / sampleRows, text: formatPercent(rows / sampleRows) },
    ]),
  })
}

function togetherBlocks({ together }: Profile['missingness']): Block[] {
  if (together.length === 0) return []
  return [
    table({
      caption: 'Gaps that go together',
      columns: [
        { label: 'column' },
        { label: 'with' },
        { label: 'phi', kind: 'number' },
        { label: 'n', kind: 'number' },
      ],
      rows: together.map(({ a, b, phi, n }) => [a, b, formatFixed(phi, 2), n]),
      openRows: 10,
    }),
  ]
}

function targetBlocks({ missingness, targetProfile, target }: Profile): Block[] {
  if (missingness.withTarget.length === 0) return []
  const isClasses = targetProfile?.kind === 'classes'
  const show = (value: number | null): string => (isClasses ? formatPercent(value) : formatNumber(value))
  return [
    table({
      caption: `Does a gap go with ${target}? p-values adjusted for ${missingness.withTarget.length} columns`,
      columns: [
        { label: 'column' },
        { label: `${target} where missing`, kind: 'number' },
        { label: 'where present', kind: 'number' },
        { label: 'effect', kind: 'number' },
        { label: 'adjusted p' },
        { label: 'n', kind: 'number' },
      ],
      rows: missingness.withTarget.map(({ column, whenMissing, whenPresent, effect, pValue, n }) => [
        column,
        show(whenMissing),
        show(whenPresent),
        formatFixed(effect, 2),
        formatPValue(pValue),
        n,
      ]),
      openRows: 15,
    }),
  ]
}
