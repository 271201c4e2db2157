import { links } from '../../app/links.ts'
import { toHash, useLocation } from '../../app/location.ts'
import { useClient } from '../../app/use-client.ts'
import { useQuery } from '../../app/use-query.ts'
import { Empty, Failure, Loading } from '../../components/notice.tsx'
import { Page, Tabs } from '../../components/page.tsx'
import { formatCount } from '../../format/format.ts'
import { CurvesView } from './curves-view.tsx'
import { DifferenceView } from './difference-view.tsx'
import { ParallelView } from './parallel-view.tsx'
import { ScatterView } from './scatter-view.tsx'

const VIEWS = [
  { id: 'difference', label: 'Difference', View: DifferenceView },
  { id: 'curves', label: 'Curves', View: CurvesView },
  { id: 'parallel', label: 'Parallel coordinates', View: ParallelView },
  { id: 'scatter', label: 'Scatter', View: ScatterView },
] as const

/** Some runs side by side; which runs and which view is in the address. */
export function ComparePage({ runIds, tab }: { readonly runIds: readonly string[]; readonly tab: string | null }) {
  const client = useClient()
  const { path, params } = useLocation()
  const { data, error, reload } = useQuery(`compare ${runIds}`, (signal) =>
    Promise.all(runIds.map((id) => client.run(id, signal))),
  )
  const current = VIEWS.find(({ id }) => id === tab) ?? VIEWS[0]
  const tabs = VIEWS.map(({ id, label }) => {
    const own = new URLSearchParams(params)
    own.set('tab', id)
    return { label, href: toHash(path, own), isCurrent: id === current.id }
  })
  const experimentIds = new Set(data?.map(({ experimentId }) => experimentId))
  const crumbs = [{ label: 'Experiments', href: links.experiments() }]
  if (experimentIds.size === 1) crumbs.push({ label: 'Runs', href: links.experiment([...experimentIds][0]!) })
  return (
    <Page
      title={`Compare ${formatCount(runIds.length, 'run')}`}
      crumbs={crumbs}
      tabs={<Tabs label="Ways to compare" tabs={tabs} />}
    >
      {error && <Failure error={error} onRetry={reload} />}
      {!error && !data && <Loading lines={8} label="Loading runs" />}
      {data && data.length < 2 && <Empty title="Choose two runs or more">Select them in the run table.</Empty>}
      {data && data.length >= 2 && <current.View runs={data} params={params} />}
    </Page>
  )
}
