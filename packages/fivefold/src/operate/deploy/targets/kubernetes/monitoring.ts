import type { DeployPlan } from '../../deploy-plan.ts'
import { type Alert, alertsOf } from '../../runbook/alerts.ts'
import { textBlock } from '../../text-block.ts'
import { labels, selector } from './labels.ts'

/** Resources of the Prometheus operator, apart from the others since not every cluster knows them. */
export function monitoringManifests(plan: DeployPlan): readonly (readonly [string, string])[] {
  return [
    ['service-monitor.yaml', serviceMonitor(plan)],
    ['prometheus-rule.yaml', prometheusRule(plan)],
    ['kustomization.yaml', KUSTOMIZATION],
  ]
}

const KUSTOMIZATION = textBlock`
  apiVersion: kustomize.config.k8s.io/v1beta1
  kind: Kustomization
  resources:
    - service-monitor.yaml
    - prometheus-rule.yaml
`

function serviceMonitor(plan: DeployPlan): string {
  return textBlock`
    apiVersion: monitoring.coreos.com/v1
    kind: ServiceMonitor
    metadata:
      name: ${plan.name}
      labels:
        ${labels(plan)}
    spec:
      selector:
        matchLabels:
          ${selector(plan)}
      # The job of the series is the name of the Service.
      endpoints:
        - port: http
          path: /metrics
          interval: 15s
          scrapeTimeout: 5s
  `
}

function prometheusRule(plan: DeployPlan): string {
  return textBlock`
    # What to do about each of them stands in RUNBOOK.md.
    apiVersion: monitoring.coreos.com/v1
    kind: PrometheusRule
    metadata:
      name: ${plan.name}
      labels:
        ${labels(plan)}
    spec:
      groups:
        - name: ${plan.name}
          rules:
            ${alertsOf(plan.name).map(rule).join('')}
  `
}

/** Expressions hold quotes and braces: in a block they need no escapes. */
const rule = ({ name, expression, forMinutes, severity, meaning }: Alert): string => textBlock`
  - alert: ${name}
    expr: |-
      ${expression}
    for: ${forMinutes}m
    labels:
      severity: ${severity}
    annotations:
      summary: "${meaning}"
`
