import { links } from '../../app/links.ts'
import { useClient } from '../../app/use-client.ts'
import { useQuery } from '../../app/use-query.ts'
import type { ModelVersion, Run } from '../../client/records.ts'
import { Chip } from '../../components/chip.tsx'
import { Facts, Section } from '../../components/facts.tsx'
import { Markdown } from '../../components/markdown.tsx'
import { Empty, Failure, Loading } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { PlainTable } from '../../components/plain-table.tsx'
import { TagEditor } from '../../components/tag-editor.tsx'
import { Age } from '../../components/time.tsx'
import { formatNumber, formatTime } from '../../format/format.ts'
import { Lineage } from './lineage.tsx'
import styles from './models.module.css'

const CARD = 'MODEL_CARD.md'
const MOST_BYTES = 500_000

/** One version of a model: what it came from, how it scored, its card. */
export function VersionPage({ name, version }: { readonly name: string; readonly version: string }) {
  const client = useClient()
  const { data, error, reload } = useQuery(`versions ${name}`, (signal) => client.modelVersions(name, signal))
  const found = data?.find((one) => one.version === version)
  const crumbs = [
    { label: 'Models', href: links.models() },
    { label: name, href: links.model(name) },
  ]
  if (!found)
    return (
      <Page title={`Version ${version}`} crumbs={crumbs}>
        {error && <Failure error={error} onRetry={reload} />}
        {!data && !error && <Loading label="Loading the version" />}
        {data && <Empty title={`${name} has no version ${version}`} />}
      </Page>
    )
  return (
    <Page title={`Version ${version}`} crumbs={crumbs} facts={<VersionHead version={found} />}>
      <LoadedVersion version={found} onChange={reload} />
    </Page>
  )
}

function VersionHead({ version: { aliases, stage, createdMs } }: { readonly version: ModelVersion }) {
  return (
    <>
      {aliases.map((alias) => (
        <Chip key={alias} tone="accent">
          @{alias}
        </Chip>
      ))}
      {stage && <Chip tone="good">{stage}</Chip>}
      <span>
        registered <Age timeMs={createdMs} />
      </span>
    </>
  )
}

function LoadedVersion({ version, onChange }: { readonly version: ModelVersion; readonly onChange: () => void }) {
  const client = useClient()
  const { data: run } = useQuery(`run ${version.runId}`, (signal) => client.run(version.runId, signal), {
    isEnabled: version.runId !== '',
  })
  return (
    <>
      {version.description && <p className={styles.lead}>{version.description}</p>}
      <Section title="Lineage">
        <Lineage version={version} run={run} />
      </Section>
      <div className={styles.columns}>
        <Section title="Model card">
          <Card version={version} />
        </Section>
        <aside className={styles.aside} aria-label="Metrics and tags">
          {run && <RunMetrics run={run} />}
          <Section title="About">
            <Facts
              facts={[
                { label: 'Registered', value: version.createdMs === undefined ? '–' : formatTime(version.createdMs) },
                { label: 'Status', value: version.status.toLowerCase() || '–' },
                { label: 'Source', value: <code>{version.source || '–'}</code> },
              ]}
            />
          </Section>
          <Section title="Tags">
            <TagEditor
              tags={version.tags}
              isReadOnly={!client.canWrite}
              onSet={(key, value) => client.setVersionTag(version.name, version.version, key, value)}
              onDelete={(key) => client.deleteVersionTag(version.name, version.version, key)}
              onChange={onChange}
            />
          </Section>
        </aside>
      </div>
    </>
  )
}

function RunMetrics({ run }: { readonly run: Run }) {
  const rows = Object.entries(run.metrics).sort(([a], [b]) => a.localeCompare(b))
  if (rows.length === 0) return null
  return (
    <Section title="Metrics of its run">
      <PlainTable
        caption="Metrics"
        rows={rows}
        keyOf={([key]) => key}
        columns={[
          { label: 'Metric', isWide: true, cell: ([key]) => key },
          { label: 'Value', isNumeric: true, cell: ([, { value }]) => formatNumber(value) },
        ]}
      />
    </Section>
  )
}

function Card({ version: { name, version } }: { readonly version: ModelVersion }) {
  const client = useClient()
  const { data, error } = useQuery(`card ${name}/${version}`, (signal) =>
    client.readText({ model: { name, version } }, CARD, MOST_BYTES, signal),
  )
  if (error) return <p className={styles.none}>The model carries no {CARD}.</p>
  return data ? <Markdown text={data.text} /> : <Loading label="Loading the model card" />
}
