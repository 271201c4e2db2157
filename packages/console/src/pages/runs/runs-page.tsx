import { useMemo, useState } from 'react'
import { links } from '../../app/links.ts'
import { navigate, replaceLocation } from '../../app/location.ts'
import { useClient } from '../../app/use-client.ts'
import { useQuery } from '../../app/use-query.ts'
import { ClientError } from '../../client/client-error.ts'
import { Button, IconButton } from '../../components/button.tsx'
import { Segmented } from '../../components/field.tsx'
import { Empty, Failure, Loading } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { formatCount } from '../../format/format.ts'
import { availableColumns, columnOf, defaultColumns, orderName } from '../../state/run-columns.ts'
import { groupedRows, nestedRows, sortedRuns } from '../../state/run-rows.ts'
import { orderBy, type RunView, viewFromParams } from '../../state/run-view.ts'
import { ColumnPicker } from './column-picker.tsx'
import { FilterBox } from './filter-box.tsx'
import { GroupPicker } from './group-picker.tsx'
import { RunTable } from './run-table.tsx'
import styles from './runs-page.module.css'
import { SelectionBar } from './selection-bar.tsx'
import { type RunList, useRunList } from './use-run-list.ts'
import { ViewPicker } from './view-picker.tsx'

const NONE: ReadonlySet<string> = new Set()

/** The runs of an experiment. What it shows is in its address; what is selected is not. */
export function RunsPage({
  experimentId,
  params,
}: {
  readonly experimentId: string
  readonly params: URLSearchParams
}) {
  const client = useClient()
  const view = useMemo(() => viewFromParams(params), [params])
  const experiment = useQuery(`experiment ${experimentId}`, (signal) => client.experiment(experimentId, signal))
  const list = useRunList({
    experimentIds: [experimentId],
    filter: view.filter,
    orderBy: orderBy(view.sort),
    deleted: view.deleted,
  })
  const [selected, setSelected] = useState(NONE)
  const table = useTable(list, view)
  const complaint = list.error instanceof ClientError && list.error.kind === 'refused' ? list.error.message : undefined

  const show = (changes: Partial<RunView>): void => {
    const address = links.experiment(experimentId, { ...view, ...changes })
    if ('columns' in changes) replaceLocation(address)
    else navigate(address)
    if ('filter' in changes || 'deleted' in changes) setSelected(NONE)
  }
  if (experiment.error)
    return (
      <Page title="Experiment" crumbs={[{ label: 'Experiments', href: links.experiments() }]}>
        <Failure error={experiment.error} onRetry={experiment.reload} />
      </Page>
    )
  return (
    <Page
      title={experiment.data?.name ?? ' '}
      crumbs={[{ label: 'Experiments', href: links.experiments() }]}
      facts={<RunCount list={list} />}
      isFull
    >
      <div className={styles.tools}>
        <FilterBox
          filter={view.filter}
          onFilter={(filter) => show({ filter })}
          complaint={complaint}
          columns={table.available}
          runs={list.runs}
        />
        <Segmented
          label="Which runs"
          choices={[
            { value: 'active', label: 'Active' },
            { value: 'deleted', label: 'Deleted' },
          ]}
          value={view.deleted ? 'deleted' : 'active'}
          onValue={(value) => show({ deleted: value === 'deleted' })}
        />
        <GroupPicker available={table.available} group={view.group} onGroup={(group) => show({ group })} />
        <ColumnPicker available={table.available} shown={table.columnIds} onShown={(columns) => show({ columns })} />
        <ViewPicker experimentId={experimentId} view={view} />
        <IconButton icon="refresh" label="Load again" onClick={list.reload} />
      </div>
      {selected.size > 0 && (
        <SelectionBar
          selected={selected}
          isDeletedView={view.deleted}
          onClear={() => setSelected(NONE)}
          onDone={() => {
            setSelected(NONE)
            list.reload()
          }}
        />
      )}
      {list.error && complaint === undefined && <Failure error={list.error} onRetry={list.reload} />}
      {list.isLoading && list.runs.length === 0 && <FirstLoading />}
      {!list.isLoading && !list.error && list.runs.length === 0 && (
        <NoRuns view={view} onAll={() => show({ filter: '' })} />
      )}
      {list.runs.length > 0 && (
        <RunTable
          rows={table.rows}
          columns={table.columns}
          sort={view.sort}
          onSort={(sort) => show({ sort })}
          selected={selected}
          onSelected={setSelected}
          onToggle={table.toggle}
          isStale={list.isLoading || complaint !== undefined}
        />
      )}
      {list.hasMore && (
        <div className={styles.more}>
          {formatCount(list.runs.length, 'run')} are here, more are on the server.
          <Button onClick={list.loadMore}>Load more</Button>
        </div>
      )}
    </Page>
  )
}

/** Rows and columns of the table, made anew only where runs or view change. */
function useTable({ runs }: RunList, { columns: chosen, group, sort }: RunView) {
  const [toggled, setToggled] = useState(NONE)
  const available = useMemo(() => availableColumns(runs), [runs])
  const columnIds = useMemo(() => chosen ?? defaultColumns(runs, available), [chosen, runs, available])
  const idText = columnIds.join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same ids make the same columns
  const columns = useMemo(() => columnIds.map(columnOf), [idText])
  const rows = useMemo(() => {
    const sortColumn = columnOf(sort.column)
    const sorted = orderName(sortColumn) === undefined ? sortedRuns(runs, sortColumn, sort.descending) : runs
    return group === undefined ? nestedRows(sorted, toggled) : groupedRows(sorted, columnOf(group), toggled)
  }, [runs, group, sort, toggled])
  const [toggle] = useState(() => (id: string): void => {
    setToggled((before) => {
      const next = new Set(before)
      if (!next.delete(id)) next.add(id)
      return next
    })
  })
  return { available, columnIds, columns, rows, toggle }
}

function RunCount({ list }: { readonly list: RunList }) {
  if (list.isLoading || list.error) return null
  const count = list.runs.length
  if (list.isComplete) return <span aria-live="polite">{formatCount(count, 'run')}</span>
  return <span>{count.toLocaleString('en-US')}+ runs</span>
}

function FirstLoading() {
  return (
    <div className={styles.state}>
      <Loading lines={12} label="Loading runs" />
    </div>
  )
}

function NoRuns({ view, onAll }: { readonly view: RunView; readonly onAll: () => void }) {
  if (view.filter !== '')
    return (
      <Empty title="No run matches the filter">
        <Button onClick={onAll}>Show all runs</Button>
      </Empty>
    )
  if (view.deleted) return <Empty title="No run is deleted">Deleted runs wait here until garbage is collected.</Empty>
  return (
    <Empty title="No runs yet">
      <p>Runs appear here as soon as they begin.</p>
      <pre>fivefold run --data customers.csv --target churned</pre>
    </Empty>
  )
}
