import type { DeploymentReport, OperationsReport, SloReport } from '../../client/serving-wire.ts'
import { formatCount, formatNumber, formatPercent } from '../../format/format.ts'
import { operationsOfVariant, trafficOfDeployment } from './merge-traffic.ts'

/** Something that an operator should look at; `bad` is worth waking somebody. */
export interface Alarm {
  readonly tone: 'bad' | 'warn'
  readonly text: string
}

/** What is wrong with a server as a whole, worst first. */
export function serverAlarms(operations: OperationsReport | undefined): Alarm[] {
  if (!operations) return []
  const { isReady, slo } = operations
  const stopping: Alarm[] = isReady
    ? []
    : [{ tone: 'bad', text: 'The server is not ready: it is starting or stopping.' }]
  return worstFirst([...stopping, ...(slo ? sloAlarms(slo) : [])])
}

/** What is wrong with a deployment beside its server, worst first. */
export function deploymentAlarms(report: DeploymentReport, operations: OperationsReport | undefined): Alarm[] {
  return worstFirst([
    ...evidenceAlarms(report),
    ...(operations ? [...modelAlarms(report, operations), ...failureAlarms(report, operations)] : []),
  ])
}

/** Alarms that wake somebody before the others; each kind in its order. */
export const worstFirst = (alarms: readonly Alarm[]): Alarm[] =>
  [...alarms].sort((a, b) => Number(b.tone === 'bad') - Number(a.tone === 'bad'))

function sloAlarms({ objectives }: SloReport): Alarm[] {
  return objectives.flatMap(({ name, budgetLeft, alerts, burnRates }): Alarm[] => {
    const firing =
      alerts.find(({ isFiring, severity }) => isFiring && severity === 'page') ?? alerts.find((one) => one.isFiring)
    if (firing) {
      const { longWindow, severity } = firing
      const rate = burnRates.find(({ window }) => window === longWindow)?.rate
      const speed = rate == null ? '' : ` at ${formatNumber(Number(rate.toPrecision(2)))} times the sustainable rate`
      return [
        {
          tone: severity === 'page' ? 'bad' : 'warn',
          text: `The error budget of ${name} burns${speed} (${longWindow}).`,
        },
      ]
    }
    return budgetLeft !== null && budgetLeft <= 0
      ? [{ tone: 'warn', text: `The error budget of ${name} is spent.` }]
      : []
  })
}

function evidenceAlarms({ canary, experiment, concluded, record, shadows }: DeploymentReport): Alarm[] {
  const { traffic } = record.policy
  const worse = (canary?.criteria ?? []).filter(({ isWorse }) => isWorse).map(({ name }) => name)
  const lost = traffic.kind === 'single' && concluded?.canary?.status === 'rolledBack' && record.change.by === 'canary'
  return [
    ...alarm(worse.length > 0, 'bad', `The canary is worse by ${worse.join(', ')}.`),
    ...alarm(experiment?.sampleRatio.isMismatch, 'bad', 'Sample ratio mismatch: no comparison can be trusted.'),
    ...alarm(lost, 'warn', `The last canary was rolled back: ${record.change.reason}`),
    ...shadows.flatMap(({ variant, errors, answers }) =>
      alarm(
        errors > 0,
        'warn',
        `The shadow ${variant} failed on ${formatCount(errors, 'copy', 'copies')} of ${errors + answers}.`,
      ),
    ),
  ]
}

const alarm = (holds: boolean | undefined, tone: Alarm['tone'], text: string): Alarm[] =>
  holds ? [{ tone, text }] : []

function modelAlarms({ record }: DeploymentReport, operations: OperationsReport): Alarm[] {
  return Object.entries(record.variants).flatMap(([variant, model]) => {
    const found = operationsOfVariant(operations, model)
    return alarm(
      found?.state === 'failed' || found?.state === 'gone',
      'bad',
      `${variant} cannot answer: its model ${model.model} is not loaded.`,
    )
  })
}

function failureAlarms({ record }: DeploymentReport, operations: OperationsReport): Alarm[] {
  const lately = trafficOfDeployment(record, operations, '5m')
  if (!lately || lately.failed === 0) return []
  const share = formatPercent(lately.failed / lately.requests)
  return [{ tone: 'warn', text: `${formatCount(lately.failed, 'request')} failed in the last 5 minutes, ${share}.` }]
}
