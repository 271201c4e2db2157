import {
  type Block,
  chart,
  columns,
  formatCount,
  formatFixed,
  formatInterval,
  intervalChart,
  paragraph,
  type Section,
  section,
  table,
} from '../../report/index.ts'
import type { GroupProfile, PersonalDataSuspect, Profile } from '../profile.ts'

/** Who is in the data: protected groups, and personal data. */
export function groupSection({ groups, personalData }: Profile): Section[] {
  const people =
    groups.length === 0
      ? []
      : [
          section({
            id: 'groups',
            title: 'Protected groups',
            intro: 'How many rows each group has and how the target differs between them; all rows, 95% intervals.',
            blocks: groups.flatMap((group) => groupBlocks(group)),
          }),
        ]
  return [...people, ...personalSection(personalData)]
}

function groupBlocks({ column, groups, rateMeasure, rateRatio }: GroupProfile): Block[] {
  const counted = table({
    caption: `Groups of ${column}`,
    columns: [
      { label: 'group' },
      { label: 'rows', kind: 'number' },
      { label: 'share of the rows', kind: 'number' },
      ...(rateMeasure ? [{ label: rateMeasure, kind: 'number' as const }] : []),
    ],
    rows: groups.map(({ name, rows, share, rate }) => [
      name,
      rows,
      formatInterval(share),
      ...(rateMeasure ? [formatInterval(rate)] : []),
    ]),
  })
  const rates = groups.flatMap(({ name, rate }) => (rate ? [{ name, ...rate }] : []))
  if (!rateMeasure || rates.length === 0) return [counted]
  const ratio =
    rateRatio === null
      ? []
      : [
          paragraph(
            `The lowest rate is ${formatFixed(rateRatio, 2)} times the highest, among groups of at least 30 rows.`,
          ),
        ]
  const svg = intervalChart({
    rows: rates,
    x: rateMeasure,
    width: 460,
    label: `${rateMeasure} by ${column}, ${formatCount(groups.length)} groups`,
  })
  return [columns([counted, ...ratio], [chart({ title: `${rateMeasure} by ${column}`, svg })])]
}

function personalSection(suspects: readonly PersonalDataSuspect[]): Section[] {
  if (suspects.length === 0) return []
  return [
    section({
      id: 'personal',
      title: 'Personal data',
      intro: 'Columns whose values or names look like personal data. Their values are shown nowhere in this report.',
      blocks: [
        table({
          caption: 'Suspects',
          columns: [{ label: 'column' }, { label: 'looks like' }, { label: 'because' }, { label: 'shape of a value' }],
          rows: suspects.map(({ column, kind, evidence, masked }) => [
            column,
            kind,
            evidence,
            masked === null ? '' : [{ code: masked }],
          ]),
        }),
      ],
    }),
  ]
}
