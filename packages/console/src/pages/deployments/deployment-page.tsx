import { type DeploymentTab, links } from '../../app/links.ts'
import { useQuery } from '../../app/use-query.ts'
import type { ServingClient } from '../../client/serving-client.ts'
import type { DeploymentReport } from '../../client/serving-wire.ts'
import { Failure, Loading, Problem } from '../../components/notice.tsx'
import { Page, Tabs } from '../../components/page.tsx'
import { Age } from '../../components/time.tsx'
import { deploymentAlarms, serverAlarms, worstFirst } from '../../state/serving/alarms.ts'
import { AlarmList } from './alarm-list.tsx'
import { DeploymentActionBar } from './deployment-action-bar.tsx'
import { DeploymentState } from './deployment-state.tsx'
import { asSpan } from './live-charts.tsx'
import { DeploymentLive } from './live-tab.tsx'
import { loadDeployment } from './load-deployment.ts'
import { Overview } from './overview.tsx'

const REFRESH_MS = 5000

interface DeploymentPageProps {
  readonly serverId: string
  readonly server: ServingClient
  readonly name: string
  readonly tab: string | undefined
  readonly params: URLSearchParams
}

/** One deployment: who answers, how well, what is being found out, and what can be done about it. */
export function DeploymentPage(props: DeploymentPageProps) {
  const { serverId, server, name, tab, params } = props
  const span = asSpan(params.get('span'))
  const { data, error, reload } = useQuery(
    `deployment ${serverId} ${name} ${span}`,
    (signal) => loadDeployment(server, name, span, signal),
    { refreshMs: REFRESH_MS },
  )
  const crumbs = [{ label: 'Deployments', href: links.deployments() }]
  if (!data)
    return (
      <Page title={name} crumbs={crumbs}>
        {error ? <Failure error={error} onRetry={reload} /> : <Loading lines={8} label="Loading the deployment" />}
      </Page>
    )
  const { report, operations } = data
  const current: DeploymentTab = operations && tab === 'live' ? 'live' : 'overview'
  return (
    <Page
      title={name}
      crumbs={crumbs}
      facts={<Head report={report} />}
      actions={<DeploymentActionBar server={server} state={data} onChange={reload} />}
      tabs={operations && <Tabs label="Parts of the deployment" tabs={tabs(serverId, name, current)} />}
    >
      {error && <Problem>{`Not up to date: ${error.message}`}</Problem>}
      <AlarmList alarms={worstFirst([...deploymentAlarms(report, operations), ...serverAlarms(operations)])} />
      {current === 'overview' ? (
        <Overview state={data} liveHref={links.deployment(serverId, name, 'live')} />
      ) : (
        <DeploymentLive state={data} params={params} />
      )}
    </Page>
  )
}

const tabs = (serverId: string, name: string, current: DeploymentTab) =>
  (['overview', 'live'] as const).map((id) => ({
    label: id === 'overview' ? 'Overview' : 'Live charts',
    href: links.deployment(serverId, name, id),
    isCurrent: id === current,
  }))

function Head({ report }: { readonly report: DeploymentReport }) {
  const { version, change } = report.record
  return (
    <>
      <DeploymentState report={report} />
      <span>version {version}</span>
      <span>
        changed <Age timeMs={change.timeMs} /> by {change.by}
      </span>
    </>
  )
}
