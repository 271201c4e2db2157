import type { ConsoleClient, ConsoleHome } from '../client/console-client.ts'
import { Loading } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { ComparePage } from '../pages/compare/compare-page.tsx'
import { DeploymentPage } from '../pages/deployments/deployment-page.tsx'
import { DeploymentsPage } from '../pages/deployments/deployments-page.tsx'
import { ServerPage } from '../pages/deployments/server-page.tsx'
import { ExperimentsPage } from '../pages/experiments/experiments-page.tsx'
import { ModelPage } from '../pages/models/model-page.tsx'
import { ModelsPage } from '../pages/models/models-page.tsx'
import { VersionPage } from '../pages/models/version-page.tsx'
import { NotFoundPage } from '../pages/not-found-page.tsx'
import { RunPage } from '../pages/run/run-page.tsx'
import { RunsPage } from '../pages/runs/runs-page.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { type Location, useLocation } from './location.ts'
import { Shell } from './shell.tsx'
import { ClientProvider } from './use-client.ts'
import { HomeProvider } from './use-home.ts'
import { useQuery } from './use-query.ts'

/** What MLflow's own server is, which does not say. */
const TRACKING_ONLY: ConsoleHome = { hasTracking: true, servers: new Map() }

export function App({ client }: { readonly client: ConsoleClient }) {
  const location = useLocation()
  const { data, error } = useQuery('home', client.home)
  const home = data ?? (error ? TRACKING_ONLY : undefined)
  const path = location.path.length === 0 ? firstPath(client, home) : location.path
  return (
    <ClientProvider value={client}>
      <HomeProvider value={home}>
        <Shell path={path}>
          <ErrorBoundary key={path.join('/')}>{pageFor({ ...location, path }, home)}</ErrorBoundary>
        </Shell>
      </HomeProvider>
    </ClientProvider>
  )
}

/** Where somebody begins who named no page. */
function firstPath({ onlyRunId }: ConsoleClient, home: ConsoleHome | undefined): readonly string[] {
  if (onlyRunId) return ['runs', onlyRunId]
  if (!home) return []
  return [home.hasTracking ? 'experiments' : 'deployments']
}

function pageFor({ path, params }: Location, home: ConsoleHome | undefined) {
  const [place = '', first, second, third] = path
  switch (place) {
    case 'experiments':
      return first === undefined ? <ExperimentsPage /> : <RunsPage key={first} experimentId={first} params={params} />
    case 'runs':
      return first === undefined ? <NotFoundPage /> : <RunPage key={first} runId={first} tab={second} params={params} />
    case 'compare':
      return <ComparePage runIds={(params.get('runs') ?? '').split(',').filter(Boolean)} tab={params.get('tab')} />
    case 'models':
      if (first === undefined) return <ModelsPage />
      if (second === 'versions' && third !== undefined) return <VersionPage name={first} version={third} />
      return <ModelPage key={first} name={first} />
    case '':
      return (
        <Page title=" ">
          <Loading />
        </Page>
      )
    case 'deployments':
    case 'servers':
      return servingPageFor({ path, params }, home)
    default:
      return <NotFoundPage />
  }
}

function servingPageFor({ path, params }: Location, home: ConsoleHome | undefined) {
  const [place, first, second, third] = path
  if (!home)
    return (
      <Page title=" ">
        <Loading />
      </Page>
    )
  if (first === undefined) return <DeploymentsPage servers={home.servers} params={params} />
  const server = home.servers.get(first)
  if (!server) return <NotFoundPage />
  const key = path.slice(0, 3).join('/')
  if (place === 'servers') return <ServerPage key={key} id={first} server={server} params={params} />
  if (second === undefined) return <NotFoundPage />
  return <DeploymentPage key={key} serverId={first} server={server} name={second} tab={third} params={params} />
}
