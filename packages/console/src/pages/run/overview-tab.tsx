import { useState } from 'react'
import { links } from '../../app/links.ts'
import { useClient } from '../../app/use-client.ts'
import { useQuery } from '../../app/use-query.ts'
import type { Run } from '../../client/records.ts'
import { Chip } from '../../components/chip.tsx'
import { Facts, Section } from '../../components/facts.tsx'
import { SearchField } from '../../components/field.tsx'
import { PlainTable } from '../../components/plain-table.tsx'
import { TagEditor } from '../../components/tag-editor.tsx'
import { formatNumber } from '../../format/format.ts'
import { isReservedTag } from '../../state/run-columns.ts'
import styles from './overview-tab.module.css'
import { runFacts } from './run-facts.tsx'

/** What the run is, what went in, what came out. */
export function OverviewTab({ run, onChange }: { readonly run: Run; readonly onChange: () => void }) {
  const client = useClient()
  const [words, setWords] = useState('')
  const matches = (key: string): boolean => key.toLowerCase().includes(words.trim().toLowerCase())
  const metrics = Object.entries(run.metrics)
    .filter(([key]) => matches(key))
    .sort(byKey)
  const params = Object.entries(run.params)
    .filter(([key]) => matches(key))
    .sort(byKey)
  const tags = Object.fromEntries(Object.entries(run.tags).filter(([key]) => !isReservedTag(key)))
  return (
    <div className={styles.overview}>
      <div>
        <Versions run={run} />
        <div className={styles.search}>
          <SearchField label="Search metrics and parameters" value={words} onValue={setWords} />
        </div>
        <Section title={`Metrics (${metrics.length})`}>
          {metrics.length === 0 ? (
            <p className={styles.none}>{words ? 'None has this name.' : 'None logged.'}</p>
          ) : (
            <PlainTable
              caption="Metrics"
              rows={metrics}
              keyOf={([key]) => key}
              columns={[
                { label: 'Metric', isWide: true, cell: ([key]) => key },
                { label: 'Last value', isNumeric: true, cell: ([, { value }]) => formatNumber(value) },
                { label: 'Step', isNumeric: true, cell: ([, { step }]) => formatNumber(step) },
              ]}
            />
          )}
        </Section>
        <Section title={`Parameters (${params.length})`}>
          {params.length === 0 ? (
            <p className={styles.none}>{words ? 'None has this name.' : 'None logged.'}</p>
          ) : (
            <PlainTable
              caption="Parameters"
              rows={params}
              keyOf={([key]) => key}
              columns={[
                { label: 'Parameter', cell: ([key]) => key },
                { label: 'Value', isWide: true, cell: ([, value]) => <code className={styles.value}>{value}</code> },
              ]}
            />
          )}
        </Section>
      </div>
      <aside className={styles.aside} aria-label="About the run">
        <Section title="About">
          <Facts facts={runFacts(run)} />
        </Section>
        <Section title="Tags">
          <TagEditor
            tags={tags}
            isReadOnly={!client.canWrite}
            onSet={(key, value) => client.setRunTag(run.id, key, value)}
            onDelete={(key) => client.deleteRunTag(run.id, key)}
            onChange={onChange}
          />
        </Section>
      </aside>
    </div>
  )
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => a.localeCompare(b)

/** The registered versions that this run made. */
function Versions({ run }: { readonly run: Run }) {
  const client = useClient()
  const { data } = useQuery(`versions of ${run.id}`, (signal) => client.versionsOfRun(run.id, signal))
  if (!data || data.length === 0) return null
  return (
    <Section title="Registered">
      <ul className={styles.versions}>
        {data.map(({ name, version, aliases }) => (
          <li key={`${name}/${version}`}>
            <a href={links.version(name, version)}>
              {name}, version {version}
            </a>
            {aliases.map((alias) => (
              <Chip key={alias} tone="accent">
                @{alias}
              </Chip>
            ))}
          </li>
        ))}
      </ul>
    </Section>
  )
}
