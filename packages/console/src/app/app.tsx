import type { ConsoleClient } from '../client/console-client.ts'
import { ComparePage } from '../pages/compare/compare-page.tsx'
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

export function App({ client }: { readonly client: ConsoleClient }) {
  const location = useLocation()
  const path = location.path.length === 0 && client.onlyRunId ? ['runs', client.onlyRunId] : location.path
  return (
    <ClientProvider value={client}>
      <Shell path={path}>
        <ErrorBoundary key={path.join('/')}>{pageFor({ ...location, path })}</ErrorBoundary>
      </Shell>
    </ClientProvider>
  )
}

function pageFor({ path, params }: Location) {
  const [place = 'experiments', first, second, third] = path
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
    default:
      return <NotFoundPage />
  }
}
