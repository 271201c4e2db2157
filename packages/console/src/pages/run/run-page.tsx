import { links, type RunTab } from '../../app/links.ts'
import { useClient } from '../../app/use-client.ts'
import { useQuery } from '../../app/use-query.ts'
import type { Run } from '../../client/records.ts'
import { CopyButton } from '../../components/copy-button.tsx'
import { Failure, Loading } from '../../components/notice.tsx'
import { Page, Tabs } from '../../components/page.tsx'
import { Status } from '../../components/status.tsx'
import { Age, Duration } from '../../components/time.tsx'
import { ArtifactsTab } from './artifacts-tab.tsx'
import { ChildrenTab } from './children-tab.tsx'
import { MetricsTab } from './metrics-tab.tsx'
import { OverviewTab } from './overview-tab.tsx'
import { useChildren } from './use-children.ts'

const REFRESH_MS = 3000

/** One run; refreshes by itself while it runs. */
export function RunPage(props: {
  readonly runId: string
  readonly tab: string | undefined
  readonly params: URLSearchParams
}) {
  const client = useClient()
  const {
    data: run,
    error,
    reload,
  } = useQuery(`run ${props.runId}`, (signal) => client.run(props.runId, signal), {
    refreshMs: ({ status }) => (status === 'running' ? REFRESH_MS : undefined),
  })
  if (error && !run)
    return (
      <Page title="Run" crumbs={[{ label: 'Experiments', href: links.experiments() }]}>
        <Failure error={error} onRetry={reload} />
      </Page>
    )
  if (!run)
    return (
      <Page title=" ">
        <Loading lines={8} label="Loading the run" />
      </Page>
    )
  return <LoadedRun {...props} run={run} onChange={reload} />
}

function LoadedRun({
  run,
  tab,
  params,
  onChange,
}: {
  readonly run: Run
  readonly tab: string | undefined
  readonly params: URLSearchParams
  readonly onChange: () => void
}) {
  const client = useClient()
  const experiment = useQuery(`experiment ${run.experimentId}`, (signal) => client.experiment(run.experimentId, signal))
  const children = useChildren(run)
  const current = asTab(tab)
  const tabs = TABS.filter(({ id }) => id !== 'children' || children.length > 0).map(({ id, label }) => ({
    label,
    href: links.run(run.id, id),
    isCurrent: id === current,
    count: id === 'metrics' ? Object.keys(run.metrics).length : id === 'children' ? children.length : undefined,
  }))
  const crumbs = [
    { label: 'Experiments', href: links.experiments() },
    { label: experiment.data?.name ?? run.experimentId, href: links.experiment(run.experimentId) },
  ]
  return (
    <Page
      title={run.name}
      crumbs={client.onlyRunId ? [] : crumbs}
      facts={<Head run={run} />}
      tabs={<Tabs label="Parts of the run" tabs={tabs} />}
      isFull={current === 'artifacts'}
    >
      {current === 'overview' && <OverviewTab run={run} onChange={onChange} />}
      {current === 'metrics' && <MetricsTab run={run} params={params} />}
      {current === 'artifacts' && <ArtifactsTab runId={run.id} path={params.get('path')} />}
      {current === 'children' && <ChildrenTab runs={children} />}
    </Page>
  )
}

const TABS: readonly { id: RunTab; label: string }[] = [
  { id: 'overview', label: 'Overview' },
  { id: 'metrics', label: 'Metrics' },
  { id: 'artifacts', label: 'Artifacts' },
  { id: 'children', label: 'Children' },
]

const asTab = (tab: string | undefined): RunTab => TABS.find(({ id }) => id === tab)?.id ?? 'overview'

function Head({ run }: { readonly run: Run }) {
  return (
    <>
      <Status status={run.status} />
      <span>
        <Age timeMs={run.startedMs} />
      </span>
      <Duration startMs={run.startedMs} endMs={run.endedMs} isRunning={run.status === 'running'} />
      {run.deleted && <strong>deleted</strong>}
      <CopyButton text={run.id} label="Copy the run’s id" />
    </>
  )
}
