import {
  chart,
  formatCount,
  formatFixed,
  matrixChart,
  paragraph,
  type Section,
  section,
  table,
} from '../../report/index.ts'
import type { AssociationPair, Profile } from '../profile.ts'

const MOST_COLUMNS = 24

/** How columns go together: a map of the strongest and a list of the pairs. */
export function associationSection({ associations, target }: Profile): Section[] {
  const { pairs, n, note } = associations
  if (pairs.length === 0) return []
  const names = strongestColumns(pairs, target, associations.measured)
  const strengths = new Map(
    pairs.flatMap(({ a, b, strength }) => [
      [keyOf(a, b), strength],
      [keyOf(b, a), strength],
    ]),
  )
  const values = names.map((row) =>
    names.map((column) => (row === column ? null : (strengths.get(keyOf(row, column)) ?? null))),
  )
  return [
    section({
      id: 'associations',
      title: 'Associations',
      intro: `Spearman’s rank correlation between numbers (orange where negative), Cramér’s V between categories, correlation ratio between the two, the latter corrected for chance; on ${formatCount(n)} rows. An association is not a cause.`,
      blocks: [
        ...(note === null ? [] : [paragraph(note)]),
        chart({
          title: `The ${names.length} columns with the strongest associations`,
          svg: matrixChart({
            rows: names,
            columns: names,
            values,
            x: '',
            y: '',
            label: `Associations between ${names.length} columns; the list below has the figures`,
          }),
        }),
        table({
          caption: 'Strongest pairs',
          columns: [
            { label: 'column' },
            { label: 'with' },
            { label: 'measure' },
            { label: 'value', kind: 'number' },
            { label: 'Pearson', kind: 'number' },
            { label: 'n', kind: 'number' },
          ],
          rows: pairs
            .slice(0, 60)
            .map((pair) => [
              pair.a,
              pair.b,
              measureOf(pair),
              formatFixed(pair.strength, 3),
              pair.pearson === undefined ? '' : formatFixed(pair.pearson, 3),
              pair.n,
            ]),
          openRows: 15,
        }),
      ],
    }),
  ]
}

const keyOf = (a: string, b: string): string => JSON.stringify([a, b])

function measureOf({ spearman, cramersV }: AssociationPair): string {
  if (spearman !== undefined) return 'Spearman'
  return cramersV === undefined ? 'correlation ratio' : 'Cramér’s V'
}

/** In the order of the table, so that neighbours in the data are neighbours in the map. */
function strongestColumns(
  pairs: readonly AssociationPair[],
  target: string | null,
  measured: readonly string[],
): string[] {
  const chosen = new Set(target === null ? [] : [target])
  for (const { a, b } of pairs) {
    if (chosen.size >= MOST_COLUMNS) break
    chosen.add(a).add(b)
  }
  const ordered = measured.filter((name) => chosen.has(name))
  return [...ordered, ...[...chosen].filter((name) => !ordered.includes(name))].slice(0, MOST_COLUMNS + 1)
}
