import { useState } from 'react'
import { links } from '../../app/links.ts'
import { useClient } from '../../app/use-client.ts'
import { useQuery } from '../../app/use-query.ts'
import type { Experiment } from '../../client/records.ts'
import { SearchField } from '../../components/field.tsx'
import { Empty, Failure, Loading } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { PlainTable, type TableColumn } from '../../components/plain-table.tsx'
import { Status } from '../../components/status.tsx'
import { Age } from '../../components/time.tsx'
import styles from './experiments-page.module.css'
import { type LastRuns, useLastRuns } from './use-last-runs.ts'

const REFRESH_MS = 15_000
const NOTE_TAG = 'mlflow.note.content'

export function ExperimentsPage() {
  const client = useClient()
  const [words, setWords] = useState('')
  const { data, error, isLoading, reload } = useQuery('experiments', client.searchExperiments, {
    refreshMs: REFRESH_MS,
  })
  const counts = useQuery('run counts', client.runCounts, { refreshMs: REFRESH_MS }).data
  const lastRuns = useLastRuns(data)
  const found = (data ?? []).filter(({ name }) => name.toLowerCase().includes(words.trim().toLowerCase()))
  return (
    <Page
      title="Experiments"
      facts={data && <span>{data.length.toLocaleString('en-US')}</span>}
      actions={<SearchField label="Search experiments" value={words} onValue={setWords} />}
    >
      {error && !data && <Failure error={error} onRetry={reload} />}
      {isLoading && <Loading lines={6} label="Loading experiments" />}
      {data?.length === 0 && <NoExperiments />}
      {data && data.length > 0 && found.length === 0 && <Empty title={`No experiment is called “${words}”`} />}
      {found.length > 0 && (
        <PlainTable
          caption="Experiments"
          columns={columns(lastRuns, counts)}
          rows={byActivity(found, lastRuns)}
          keyOf={({ id }) => id}
        />
      )}
    </Page>
  )
}

function NoExperiments() {
  return (
    <Empty title="No experiments yet">
      <p>A first run makes one. From a project folder:</p>
      <pre>fivefold run --data customers.csv --target churned</pre>
    </Empty>
  )
}

/** The latest activity first. */
function byActivity(experiments: readonly Experiment[], lastRuns: LastRuns): Experiment[] {
  const latest = ({ id, updatedMs, createdMs }: Experiment): number =>
    lastRuns.get(id)?.startedMs ?? updatedMs ?? createdMs ?? 0
  return [...experiments].sort((a, b) => latest(b) - latest(a))
}

function columns(lastRuns: LastRuns, counts: ReadonlyMap<string, number> | undefined): TableColumn<Experiment>[] {
  return [
    {
      label: 'Name',
      isWide: true,
      cell: ({ id, name, tags }) => (
        <>
          <a href={links.experiment(id)}>{name}</a>
          {tags[NOTE_TAG] && <div className={styles.note}>{tags[NOTE_TAG].split('\n')[0]}</div>}
        </>
      ),
    },
    {
      label: 'Runs',
      isNumeric: true,
      cell: ({ id }) => {
        if (counts) return (counts.get(id) ?? 0).toLocaleString('en-US')
        return lastRuns.has(id) && !lastRuns.get(id) ? '0' : '–'
      },
    },
    {
      label: 'Last run',
      cell: ({ id }) => {
        const run = lastRuns.get(id)
        return run ? (
          <span className={styles.lastRun}>
            <Status status={run.status} isBare />
            <a href={links.run(run.id)}>{run.name}</a>
          </span>
        ) : (
          <span className={styles.none}>–</span>
        )
      },
    },
    {
      label: 'Last activity',
      cell: ({ id, updatedMs, createdMs }) => (
        <span className={styles.age}>
          <Age timeMs={lastRuns.get(id)?.startedMs ?? updatedMs ?? createdMs} />
        </span>
      ),
    },
  ]
}
