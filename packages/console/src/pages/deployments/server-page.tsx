import { useMemo, useState } from 'react'
import { links } from '../../app/links.ts'
import { replaceParams } from '../../app/location.ts'
import { useQuery } from '../../app/use-query.ts'
import type { HistorySpan, ServingClient } from '../../client/serving-client.ts'
import type { IndexedModel, OperationsReport, ServerDescription } from '../../client/serving-wire.ts'
import { ActionButton } from '../../components/action-button.tsx'
import { Section } from '../../components/facts.tsx'
import { Field, inputClass } from '../../components/field.tsx'
import { Failure, Loading, Problem } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { Age } from '../../components/time.tsx'
import { formatBytes, formatCount } from '../../format/format.ts'
import type { Possible } from '../../state/serving/actions.ts'
import { serverAlarms } from '../../state/serving/alarms.ts'
import { type LiveSource, seriesOf } from '../../state/serving/live-sources.ts'
import { AlarmList } from './alarm-list.tsx'
import { Budgets } from './budgets.tsx'
import styles from './deployments.module.css'
import { asSpan, LiveCharts } from './live-charts.tsx'
import { ModelTable } from './model-table.tsx'
import { UnloadDialog } from './unload-dialog.tsx'

const REFRESH_MS = 5000

interface ServerPageProps {
  readonly id: string
  readonly server: ServingClient
  readonly params: URLSearchParams
}

interface ServerNow {
  readonly description: ServerDescription
  readonly operations: OperationsReport | undefined
  readonly models: readonly IndexedModel[]
}

/** One server: its models, what they answer, its budgets. */
export function ServerPage({ id, server, params }: ServerPageProps) {
  const span = asSpan(params.get('span'))
  const { data, error, reload } = useQuery(`server page ${id} ${span}`, (signal) => loadNow(server, span, signal), {
    refreshMs: REFRESH_MS,
  })
  const title = id === 'here' ? 'This server' : id
  const crumbs = [{ label: 'Deployments', href: links.deployments() }]
  if (!data)
    return (
      <Page title={title} crumbs={crumbs}>
        {error ? <Failure error={error} onRetry={reload} /> : <Loading lines={8} label="Loading the server" />}
      </Page>
    )
  const { operations, description } = data
  return (
    <Page title={title} crumbs={crumbs} facts={<Head release={description.release} operations={operations} />}>
      {error && <Problem>{`Not up to date: ${error.message}`}</Problem>}
      <AlarmList alarms={serverAlarms(operations)} />
      <div className={operations && styles.columns}>
        <div>
          <Section title="Models">
            <Models id={id} server={server} now={data} onChange={reload} />
          </Section>
          {operations && (
            <Section title="Live charts">
              <Live operations={operations} params={params} />
            </Section>
          )}
        </div>
        {operations && (
          <aside className={styles.aside} aria-label="Budgets">
            <Budgets operations={operations} />
          </aside>
        )}
      </div>
    </Page>
  )
}

async function loadNow(server: ServingClient, span: HistorySpan, signal: AbortSignal): Promise<ServerNow> {
  const [description, operations, index] = await Promise.all([
    server.describe(signal),
    server.operations(span, signal),
    server.models(signal),
  ])
  return { description, operations, models: index.filter(({ name }) => !description.deployments.includes(name)) }
}

function Head({
  release,
  operations,
}: {
  readonly release: string
  readonly operations: OperationsReport | undefined
}) {
  return (
    <>
      <span>Fivefold {release}</span>
      {operations && (
        <>
          <span>
            started <Age timeMs={operations.startedMs} />
          </span>
          <span>{formatCount(operations.processes, 'process', 'processes')}</span>
          <span>{formatBytes(operations.residentBytes)}</span>
          <span>{formatCount(operations.requestsInFlight, 'request')} in flight</span>
        </>
      )}
    </>
  )
}

/** Models with what can be done to them where the server lets its callers. */
function Models({
  id,
  server,
  now,
  onChange,
}: {
  readonly id: string
  readonly server: ServingClient
  readonly now: ServerNow
  readonly onChange: () => void
}) {
  const [error, setError] = useState<string>()
  const [loading, setLoading] = useState<string>()
  const [unloading, setUnloading] = useState<string>()
  const { changes } = now.description
  const load = (name: string): void => {
    setError(undefined)
    setLoading(name)
    server
      .load(name)
      .catch((cause: Error) => setError(cause.message))
      .finally(() => {
        setLoading(undefined)
        onChange()
      })
  }
  const actions = ({ name, version }: IndexedModel) => {
    const possible = (effect: string): Possible => {
      if (loading !== undefined) return { can: false, reason: `${loading} is being loaded.` }
      return changes.areAllowed ? { can: true, effect } : { can: false, reason: changes.reason }
    }
    return (
      <>
        <ActionButton
          look="plain"
          possible={possible('Loads the newest version, and takes the others away once it answers')}
          aria-label={`Load the newest version of ${name}`}
          onClick={() => load(name)}
        >
          {loading === name ? 'Loading…' : 'Load'}
        </ActionButton>
        {version !== '' && (
          <ActionButton
            look="plain"
            possible={possible('Takes all its versions away')}
            aria-label={`Unload ${name}`}
            onClick={() => setUnloading(name)}
          >
            Unload…
          </ActionButton>
        )}
      </>
    )
  }
  return (
    <>
      {error !== undefined && <Problem>{error}</Problem>}
      <ModelTable serverId={id} models={now.models} operations={now.operations} window="5m" actions={actions} />
      {unloading !== undefined && (
        <UnloadDialog
          name={unloading}
          onUnload={() => server.unload(unloading)}
          onDone={onChange}
          onClose={() => setUnloading(undefined)}
        />
      )}
    </>
  )
}

/** The curves of the whole server, or of the version of a model that the address names. */
function Live({ operations, params }: { readonly operations: OperationsReport; readonly params: URLSearchParams }) {
  const { history } = operations
  const chosen = params.get('model')
  const found = history?.models.find(({ name, version }) => `${name}/${version}` === chosen)
  const sources = useMemo((): LiveSource[] => {
    if (!history) return []
    const series = found && seriesOf(history, found)
    return [series ? { label: `${found.name}/${found.version}`, series } : { label: 'all', series: history.server }]
  }, [history, found])
  if (!history) return <p className={styles.none}>This server keeps no history.</p>
  return (
    <>
      <div className={styles.choice}>
        <Field label="Of">
          <select
            className={inputClass}
            value={found ? (chosen ?? '') : ''}
            onChange={(event) => replaceParams({ model: event.target.value || undefined })}
          >
            <option value="">the whole server</option>
            {history.models.map(({ name, version }) => (
              <option key={`${name}/${version}`} value={`${name}/${version}`}>
                {name} version {version}
              </option>
            ))}
          </select>
        </Field>
      </div>
      <LiveCharts history={history} sources={sources} params={params} />
    </>
  )
}
