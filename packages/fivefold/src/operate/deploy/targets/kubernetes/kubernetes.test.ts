import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule'
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { Service } from 'kubernetes-models/v1/Service'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { planOf } from '../../deploy-plan.test.fixture.ts'
import { kubernetesTarget } from './kubernetes.ts'

const files = new Map(
  kubernetesTarget(planOf()).flatMap((file) => (file.kind === 'text' ? [[file.path, file.text] as const] : [])),
)
const manifest = (path: string) => parse(files.get(`manifests/${path}`)!)
const deployment = manifest('deployment.yaml')
const pod = deployment.spec.template
const [container] = pod.spec.containers

describe('the manifests', () => {
  it.each([
    ['deployment.yaml', Deployment],
    ['service.yaml', Service],
    ['config-map.yaml', ConfigMap],
    ['horizontal-pod-autoscaler.yaml', HorizontalPodAutoscaler],
    ['pod-disruption-budget.yaml', PodDisruptionBudget],
    ['network-policy.yaml', NetworkPolicy],
    ['monitoring/service-monitor.yaml', ServiceMonitor],
    ['monitoring/prometheus-rule.yaml', PrometheusRule],
  ] as [string, new (data: object) => { validate(): void; apiVersion: string; kind: string }][])(
    '%s fits the schema of its resource',
    (path, Resource) => {
      const value = manifest(path)
      const resource = new Resource(value)
      expect([value.apiVersion, value.kind]).toEqual([resource.apiVersion, resource.kind])
      resource.validate()
    },
  )

  it('are refused by these schemas where they are wrong', () => {
    const { spec } = deployment
    expect(() => new Deployment({ spec: { ...spec, minReadySeconds: 'soon' as never } }).validate()).toThrow()
    expect(() =>
      new Deployment({ spec: { ...spec, template: { spec: { containers: [{} as never] } } } }).validate(),
    ).toThrow()
  })

  it('are all in the kustomization, monitoring apart', () => {
    const written = [...files.keys()].filter((path) => /^manifests\/[^/]+\.yaml$/.test(path))
    expect(
      manifest('kustomization.yaml')
        .resources.map((path: string) => `manifests/${path}`)
        .sort(),
    ).toEqual(written.filter((path) => path !== 'manifests/kustomization.yaml').sort())
    expect(manifest('monitoring/kustomization.yaml').resources).toEqual([
      'service-monitor.yaml',
      'prometheus-rule.yaml',
    ])
  })

  it('select the pods of the Deployment', () => {
    const { labels } = pod.metadata
    const selectors = [
      deployment.spec.selector.matchLabels,
      manifest('service.yaml').spec.selector,
      manifest('pod-disruption-budget.yaml').spec.selector.matchLabels,
      manifest('network-policy.yaml').spec.podSelector.matchLabels,
      ...pod.spec.topologySpreadConstraints.map(
        (spread: { labelSelector: { matchLabels: object } }) => spread.labelSelector.matchLabels,
      ),
    ]
    for (const selector of selectors) expect(labels).toMatchObject(selector)
    expect(manifest('service.yaml').metadata.labels).toMatchObject(
      manifest('monitoring/service-monitor.yaml').spec.selector.matchLabels,
    )
    expect(Object.keys(deployment.spec.selector.matchLabels)).toEqual(['app.kubernetes.io/name'])
  })

  it('name ports, resources and values that are there', () => {
    const ports = container.ports.map(({ name }: { name: string }) => name)
    const [servicePort] = manifest('service.yaml').spec.ports
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
      expect(ports).toContain(container[probe].httpGet.port)
    expect(ports).toContain(servicePort.targetPort)
    expect(ports).toContain(manifest('network-policy.yaml').spec.ingress[0].ports[0].port)
    expect(manifest('monitoring/service-monitor.yaml').spec.endpoints[0].port).toBe(servicePort.name)
    expect(manifest('horizontal-pod-autoscaler.yaml').spec.scaleTargetRef).toEqual({
      apiVersion: deployment.apiVersion,
      kind: deployment.kind,
      name: deployment.metadata.name,
    })
    const config = manifest('config-map.yaml')
    expect(container.envFrom[0].configMapRef.name).toBe(config.metadata.name)
    for (const [, value] of container.args.join(' ').matchAll(/\$\((\w+)\)/g)) expect(config.data).toHaveProperty(value)
    const volumes = pod.spec.volumes.map(({ name }: { name: string }) => name)
    expect(container.volumeMounts.map(({ name }: { name: string }) => name)).toEqual(volumes)
  })

  it('give the server no more rights than it needs, and time to answer before it ends', () => {
    expect(pod.spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 })
    expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false })
    expect(pod.spec.automountServiceAccountToken).toBe(false)
    const preStop = Number(container.lifecycle.preStop.exec.command[1])
    expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(preStop + 30)
    expect(manifest('network-policy.yaml').spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'], egress: [] })
  })

  it('take sizes from the plan', () => {
    expect(container.resources.requests).toEqual({ cpu: '1500m', memory: '1024Mi' })
    const { minReplicas, maxReplicas } = manifest('horizontal-pod-autoscaler.yaml').spec
    expect([minReplicas, maxReplicas]).toEqual([3, 15])
    expect(JSON.parse(manifest('config-map.yaml').data['example-request.json'])).toEqual({
      rows: [{ months: 30, plan: 'basic' }],
    })
  })
})
