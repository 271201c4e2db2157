import { links } from '../../app/links.ts'
import { replaceParams } from '../../app/location.ts'
import { seriesColour } from '../../charts/colours.ts'
import type { Run } from '../../client/records.ts'
import { CheckBox } from '../../components/field.tsx'
import { Status } from '../../components/status.tsx'
import { formatNumber } from '../../format/format.ts'
import { type ComparedRow, compareKeys } from '../../state/difference.ts'
import { isReservedTag } from '../../state/run-columns.ts'
import type { CompareViewProps } from './compare-view.ts'
import styles from './difference-view.module.css'

/** Parameters, metrics and tags in rows, a run a column; rows that are alike everywhere are left out unless asked for. */
export function DifferenceView({ runs, params }: CompareViewProps) {
  const isAll = params.get('all') === 'true'
  const parts = [
    { title: 'Metrics', rows: metricRows(runs) },
    { title: 'Parameters', rows: compareKeys(runs.map((run) => run.params)) },
    { title: 'Tags', rows: compareKeys(runs.map(({ tags }) => plain(tags))) },
  ]
  return (
    <>
      <div className={styles.tools}>
        <CheckBox
          label="Also what does not differ"
          isChecked={isAll}
          onChange={(all) => replaceParams({ all: all ? 'true' : undefined })}
        />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={styles.scroll} tabIndex={0} aria-label="Runs side by side">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">
                <span className="visually-hidden">Name</span>
              </th>
              {runs.map((run, i) => (
                <th key={run.id} scope="col" title={run.name}>
                  <span className={styles.run}>
                    <span className={styles.key} style={{ background: seriesColour(i) }} />
                    <Status status={run.status} isBare />
                    <a href={links.run(run.id)}>{run.name}</a>
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          {parts.map(({ title, rows }) => (
            <Part
              key={title}
              title={title}
              rows={isAll ? rows : rows.filter(({ isDifferent }) => isDifferent)}
              runs={runs}
            />
          ))}
        </table>
      </section>
    </>
  )
}

function Part({
  title,
  rows,
  runs,
}: {
  readonly title: string
  readonly rows: readonly ComparedRow[]
  readonly runs: readonly Run[]
}) {
  return (
    <tbody>
      <tr className={styles.part}>
        <th scope="rowgroup" colSpan={runs.length + 1}>
          {title}
          {rows.length === 0 && <span> do not differ</span>}
        </th>
      </tr>
      {rows.map(({ key, values, isDifferent }) => (
        <tr key={key} className={isDifferent ? undefined : styles.same}>
          <th scope="row" title={key}>
            {key}
          </th>
          {values.map((value, i) => (
            <td key={runs[i]!.id} title={value}>
              {value ?? <span className={styles.missing}>–</span>}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  )
}

const metricRows = (runs: readonly Run[]): ComparedRow[] =>
  compareKeys(
    runs.map(({ metrics }) =>
      Object.fromEntries(Object.entries(metrics).map(([key, { value }]) => [key, formatNumber(value)])),
    ),
  )

const plain = (tags: Run['tags']): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => !isReservedTag(key)))
