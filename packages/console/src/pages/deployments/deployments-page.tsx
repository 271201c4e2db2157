import { links } from '../../app/links.ts'
import { replaceParams } from '../../app/location.ts'
import { useQuery } from '../../app/use-query.ts'
import type { ConsoleHome } from '../../client/console-client.ts'
import type { ServingClient } from '../../client/serving-client.ts'
import type { OperationsReport, WindowName } from '../../client/serving-wire.ts'
import { Section } from '../../components/facts.tsx'
import { Segmented } from '../../components/field.tsx'
import { Empty, Failure, Loading, Problem } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { formatBytes, formatCount, formatRate } from '../../format/format.ts'
import { serverAlarms } from '../../state/serving/alarms.ts'
import { asWindow, WINDOWS } from '../../state/serving/windows.ts'
import { AlarmList } from './alarm-list.tsx'
import { DeploymentTable } from './deployment-table.tsx'
import styles from './deployments.module.css'
import { loadServer, type ServerState } from './load-server.ts'
import { ModelTable } from './model-table.tsx'

const REFRESH_MS = 5000

/** Every server of models with its deployments: what answers, how well, and what is wrong. */
export function DeploymentsPage({
  servers,
  params,
}: {
  readonly servers: ConsoleHome['servers']
  readonly params: URLSearchParams
}) {
  const window = asWindow(params.get('window'))
  return (
    <Page title="Deployments">
      {servers.size === 0 && (
        <Empty title="No server of models is known here">
          <p>Tell the tracking server of those that it may ask:</p>
          <pre>fivefold up --serving http://127.0.0.1:8080</pre>
        </Empty>
      )}
      {[...servers].map(([id, server]) => (
        <Server key={id} id={id} server={server} window={window} isOnly={servers.size === 1} />
      ))}
    </Page>
  )
}

interface ServerProps {
  readonly id: string
  readonly server: ServingClient
  readonly window: WindowName
  readonly isOnly: boolean
}

function Server({ id, server, window, isOnly }: ServerProps) {
  const { data, error, isLoading, reload } = useQuery(`server ${id}`, (signal) => loadServer(server, signal), {
    refreshMs: REFRESH_MS,
  })
  const body = (
    <>
      {isLoading && <Loading label={`Loading ${id}`} />}
      {error && !data && <Failure error={error} onRetry={reload} />}
      {error && data && <Problem>{`Not up to date: ${error.message}`}</Problem>}
      {data && <LoadedServer id={id} state={data} window={window} />}
    </>
  )
  if (isOnly) return body
  return <Section title={id}>{body}</Section>
}

function LoadedServer({
  id,
  state,
  window,
}: {
  readonly id: string
  readonly state: ServerState
  readonly window: WindowName
}) {
  const { deployments, operations, models } = state
  return (
    <>
      <div className={styles.facts}>
        {operations && <ServerFacts operations={operations} window={window} />}
        <a href={links.server(id)}>{operations ? 'Live charts, budgets, models' : 'Models'}</a>
      </div>
      <AlarmList alarms={serverAlarms(operations)} />
      {deployments.length > 0 && (
        <DeploymentTable serverId={id} deployments={deployments} operations={operations} window={window} />
      )}
      {deployments.length === 0 && (
        <p className={styles.none}>
          This server divides no traffic: callers name the models themselves. <code>--deployment</code> begins one.
        </p>
      )}
      <div className={styles.models}>
        <Section title="Models">
          <ModelTable serverId={id} models={models} operations={operations} window={window} />
        </Section>
      </div>
    </>
  )
}

function ServerFacts({ operations, window }: { readonly operations: OperationsReport; readonly window: WindowName }) {
  const { requestsPerSecond } = operations.server[window]
  return (
    <>
      <Segmented
        label="Window"
        choices={WINDOWS}
        value={window}
        onValue={(value) => replaceParams({ window: value })}
      />
      <span>{formatRate(requestsPerSecond)} requests/s</span>
      <span>{operations.requestsInFlight.toLocaleString('en-US')} in flight</span>
      <span>{formatCount(operations.processes, 'process', 'processes')}</span>
      <span>{formatBytes(operations.residentBytes)} of memory</span>
    </>
  )
}
