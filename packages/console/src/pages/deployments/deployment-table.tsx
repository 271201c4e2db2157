import { links } from '../../app/links.ts'
import type {
  DeploymentReport,
  OperationsReport,
  PercentileName,
  VariantReport,
  WindowName,
} from '../../client/serving-wire.ts'
import { PlainTable, type TableColumn } from '../../components/plain-table.tsx'
import { formatLatency, formatPercent, formatRate } from '../../format/format.ts'
import { deploymentAlarms } from '../../state/serving/alarms.ts'
import { type DeploymentTraffic, trafficOfDeployment } from '../../state/serving/merge-traffic.ts'
import { trafficRows } from '../../state/serving/traffic-rows.ts'
import { AlarmCount } from './alarm-list.tsx'
import { DeploymentState } from './deployment-state.tsx'
import { TrafficBar } from './traffic-bar.tsx'

interface Row {
  readonly report: DeploymentReport
  readonly traffic: DeploymentTraffic | undefined
}

export function DeploymentTable({
  serverId,
  deployments,
  operations,
  window,
}: {
  readonly serverId: string
  readonly deployments: readonly DeploymentReport[]
  readonly operations: OperationsReport | undefined
  readonly window: WindowName
}) {
  const rows = deployments.map((report): Row => {
    return { report, traffic: operations && trafficOfDeployment(report.record, operations, window) }
  })
  return (
    <PlainTable
      caption={operations ? 'Deployments' : 'Deployments since their policies began'}
      rows={rows}
      keyOf={({ report }) => report.record.name}
      columns={columns(serverId, operations)}
    />
  )
}

function columns(serverId: string, operations: OperationsReport | undefined): TableColumn<Row>[] {
  return [
    {
      label: 'Endpoint',
      isWide: true,
      cell: ({ report }) => (
        <>
          <a href={links.deployment(serverId, report.record.name)}>{report.record.name}</a>
          <AlarmCount alarms={deploymentAlarms(report, operations)} />
        </>
      ),
    },
    { label: 'State', cell: ({ report }) => <DeploymentState report={report} /> },
    {
      label: 'Traffic',
      cell: ({ report }) => <TrafficBar rows={trafficRows(report.record, report.variants, report.canary)} />,
    },
    ...(operations ? windowColumns() : policyColumns()),
  ]
}

const PERCENTILES: readonly PercentileName[] = ['p50', 'p95', 'p99']

/** What was answered in the window. */
const windowColumns = (): TableColumn<Row>[] => [
  { label: 'Requests/s', isNumeric: true, cell: ({ traffic }) => formatRate(traffic?.requestsPerSecond) },
  { label: 'Failed', isNumeric: true, cell: ({ traffic }) => formatPercent(traffic && failedShare(traffic)) },
  ...PERCENTILES.map((name) => ({
    ...{ label: name, isNumeric: true },
    cell: ({ traffic }: Row) => formatLatency(traffic?.latencyMs?.[name].value),
  })),
]

/** What was answered since the policy began, where the server does not tell of windows. */
const policyColumns = (): TableColumn<Row>[] => [
  { label: 'Answers', isNumeric: true, cell: ({ report }) => answersOf(report.variants).toLocaleString('en-US') },
  { label: 'Errors', isNumeric: true, cell: ({ report }) => formatPercent(errorShare(report.variants)) },
  ...PERCENTILES.map((name) => ({
    ...{ label: name, isNumeric: true },
    cell: ({ report }: Row) => formatLatency(mainVariant(report.variants)?.latency[name].value),
  })),
]

const answersOf = (variants: readonly VariantReport[]): number =>
  variants.reduce((sum, { answers }) => sum + answers, 0)

const errorShare = (variants: readonly VariantReport[]): number | undefined => {
  const answers = answersOf(variants)
  return answers === 0 ? undefined : variants.reduce((sum, { errors }) => sum + errors, 0) / answers
}

/** Percentiles of several variants cannot be added. */
const mainVariant = (variants: readonly VariantReport[]): VariantReport | undefined =>
  [...variants].sort((a, b) => b.answers - a.answers)[0]

/** Not known where nothing was asked. */
const failedShare = ({ failed, requests }: DeploymentTraffic): number | undefined =>
  requests === 0 ? undefined : failed / requests
