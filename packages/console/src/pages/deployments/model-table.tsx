import type { ReactNode } from 'react'
import { links } from '../../app/links.ts'
import type { IndexedModel, ModelOperations, OperationsReport, WindowName } from '../../client/serving-wire.ts'
import { Chip } from '../../components/chip.tsx'
import { Empty } from '../../components/notice.tsx'
import { PlainTable, type TableColumn } from '../../components/plain-table.tsx'
import { formatLatency, formatRate } from '../../format/format.ts'
import styles from './deployments.module.css'

interface Row {
  readonly model: IndexedModel
  readonly operations: ModelOperations | undefined
  /** The first row of its model, which has what is done to all its versions. */
  readonly isFirst: boolean
}

/** The models of a server, loaded or not; `actions` says what can be done to one. */
export function ModelTable({
  serverId,
  models,
  operations,
  window,
  actions,
}: {
  readonly serverId: string
  readonly models: readonly IndexedModel[]
  readonly operations: OperationsReport | undefined
  readonly window: WindowName
  readonly actions?: (model: IndexedModel) => ReactNode
}) {
  if (models.length === 0) return <Empty title="No model is loaded" />
  const rows = models.map((model, i): Row => {
    const { name, version } = model
    return {
      model,
      operations: operations?.models.find((one) => one.name === name && one.version === version),
      isFirst: models.findIndex((one) => one.name === name) === i,
    }
  })
  return (
    <PlainTable
      caption="Models"
      rows={rows}
      keyOf={({ model }) => `${model.name}/${model.version}`}
      columns={columns(serverId, operations && window, actions)}
    />
  )
}

const STATES: Readonly<Record<IndexedModel['state'], { word: string; tone: 'plain' | 'good' | 'accent' | 'bad' }>> = {
  READY: { word: 'ready', tone: 'good' },
  LOADING: { word: 'loading', tone: 'accent' },
  UNLOADING: { word: 'unloading', tone: 'accent' },
  UNAVAILABLE: { word: 'failed', tone: 'bad' },
}

function columns(
  serverId: string,
  window: WindowName | undefined,
  actions: ((model: IndexedModel) => ReactNode) | undefined,
): TableColumn<Row>[] {
  return [
    {
      label: 'Model',
      cell: ({ model }) => <a href={links.server(serverId, model)}>{model.name}</a>,
    },
    { label: 'Version', cell: ({ model }) => model.version || '–' },
    { label: 'State', isWide: true, cell: ({ model }) => <ModelState model={model} /> },
    ...(window ? measuredColumns(window) : []),
    ...(actions ? [{ label: 'Actions', cell: ({ model, isFirst }: Row) => (isFirst ? actions(model) : null) }] : []),
  ]
}

function measuredColumns(window: WindowName): TableColumn<Row>[] {
  const numeric = (label: string, cell: (operations: ModelOperations) => string): TableColumn<Row> => ({
    ...{ label, isNumeric: true },
    cell: ({ operations }) => (operations ? cell(operations) : '–'),
  })
  return [
    numeric('Requests/s', ({ windows }) => formatRate(windows[window].requestsPerSecond)),
    numeric('Rows/s', ({ windows }) => formatRate(windows[window].rowsPerSecond)),
    numeric('Compute p50', ({ windows }) => formatLatency(windows[window].stagesMs.compute?.p50.value)),
    numeric('p99', ({ windows }) => formatLatency(windows[window].stagesMs.compute?.p99.value)),
    numeric('Waiting rows', ({ waitingRows }) => waitingRows.toLocaleString('en-US')),
  ]
}

function ModelState({ model: { state, version, reason } }: { readonly model: IndexedModel }) {
  if (version === '') return <Chip>not loaded</Chip>
  const { word, tone } = STATES[state]
  return (
    <>
      <Chip tone={tone}>{word}</Chip> {reason && <span className={styles.quiet}>{reason}</span>}
    </>
  )
}
