import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { planOf } from '../deploy-plan.test.fixture.ts'
import type { DeployTarget } from '../deploy-target.ts'
import { composeTarget } from './compose.ts'
import { kserveTarget } from './kserve.ts'
import { lambdaTarget } from './lambda.ts'
import { systemdTarget } from './systemd.ts'

function textOf(target: DeployTarget, path: string): string {
  const file = target(planOf()).find((found) => found.path === path)
  if (file?.kind !== 'text') throw new Error(`${path} is missing`)
  return file.text
}

describe('compose', () => {
  const { services, volumes } = parse(textOf(composeTarget, 'compose.yaml'))

  it('builds the image, keeps the prediction log on a volume and is asked for its health', () => {
    const { model } = services
    expect(model).toMatchObject({ build: '.', image: planOf().image, read_only: true, restart: 'unless-stopped' })
    const [volume, path] = model.volumes[0].split(':')
    expect(Object.keys(volumes)).toEqual([volume])
    expect(model.command.at(-1)).toBe(path)
    expect(model.healthcheck.test.join(' ')).toContain('127.0.0.1:8080/readyz')
    expect(model.ports).toEqual(['127.0.0.1:8080:8080'])
    expect(model.deploy.resources.limits).toEqual({ cpus: '1.5', memory: '1024M' })
  })
})

/** The fields of KServe's API that are used, and no others: a field that it does not know would be dropped silently. */
const quantity = z.string().regex(/^\d+(m|Mi)$/)
const probe = z.strictObject({
  httpGet: z.strictObject({ path: z.string(), port: z.number() }),
  periodSeconds: z.number(),
  timeoutSeconds: z.number(),
  failureThreshold: z.number().optional(),
})
const servingRuntime = z.strictObject({
  apiVersion: z.literal('serving.kserve.io/v1alpha1'),
  kind: z.literal('ServingRuntime'),
  metadata: z.strictObject({ name: z.string() }),
  spec: z.strictObject({
    annotations: z.record(z.string(), z.string()),
    supportedModelFormats: z.array(
      z.strictObject({ name: z.string(), version: z.string(), autoSelect: z.boolean().optional() }),
    ),
    protocolVersions: z.array(z.enum(['v1', 'v2', 'grpc-v2'])),
    containers: z.tuple([
      z.strictObject({
        name: z.literal('kserve-container'),
        image: z.string(),
        command: z.array(z.string()),
        args: z.array(z.string()),
        ports: z.array(z.strictObject({ containerPort: z.number(), protocol: z.literal('TCP') })),
        readinessProbe: probe,
        livenessProbe: probe,
        resources: z.strictObject({
          requests: z.strictObject({ cpu: quantity, memory: quantity }),
          limits: z.strictObject({ memory: quantity }),
        }),
        securityContext: z.looseObject({ runAsNonRoot: z.literal(true), readOnlyRootFilesystem: z.literal(true) }),
      }),
    ]),
  }),
})
const inferenceService = z.strictObject({
  apiVersion: z.literal('serving.kserve.io/v1beta1'),
  kind: z.literal('InferenceService'),
  metadata: z.strictObject({ name: z.string(), annotations: z.record(z.string(), z.string()) }),
  spec: z.strictObject({
    predictor: z.strictObject({
      minReplicas: z.number(),
      maxReplicas: z.number(),
      canaryTrafficPercent: z.number().optional(),
      model: z.strictObject({
        modelFormat: z.strictObject({ name: z.string(), version: z.string() }),
        runtime: z.string(),
        protocolVersion: z.enum(['v1', 'v2', 'grpc-v2']),
        storageUri: z.string(),
      }),
    }),
  }),
})

describe('kserve', () => {
  const runtime = servingRuntime.parse(parse(textOf(kserveTarget, 'manifests/serving-runtime.yaml')))
  const text = textOf(kserveTarget, 'manifests/inference-service.yaml')
  const service = inferenceService.parse(parse(text))

  it('serves what KServe mounts, with the runtime and format that the service names', () => {
    const { model } = service.spec.predictor
    expect(model.runtime).toBe(runtime.metadata.name)
    expect(runtime.spec.supportedModelFormats[0]).toMatchObject(model.modelFormat)
    expect(runtime.spec.protocolVersions).toContain(model.protocolVersion)
    expect(runtime.spec.containers[0].args).toContain('/mnt/models')
    expect(model.storageUri).toBe('s3://models/customers/3')
  })

  it('becomes a canary where the comment sign is taken away', () => {
    const canary = inferenceService.parse(parse(text.replace('# canaryTrafficPercent', 'canaryTrafficPercent')))
    expect(canary.spec.predictor.canaryTrafficPercent).toBe(10)
  })
})

describe('lambda', () => {
  /** CloudFormation's short forms of functions. */
  const tag = (name: string): object => ({ tag: `!${name}`, resolve: (value: string) => ({ [name]: value }) })
  const template = parse(textOf(lambdaTarget, 'template.yaml'), { customTags: [tag('Ref'), tag('GetAtt')] as never })
  const { ModelFunction, ...others } = template.Resources

  it('refers to resources that are there', () => {
    const refs = [...JSON.stringify(template).matchAll(/\{"Ref":"(\w+)"\}/g)].map(([, name]) => name!)
    expect(refs.length).toBeGreaterThan(0)
    for (const name of refs) expect(others).toHaveProperty(name)
    expect(template.Transform).toBe('AWS::Serverless-2016-10-31')
  })

  it('names the archive and the handler in it', () => {
    const archive = lambdaTarget(planOf()).find((file) => file.kind === 'zip')!
    expect(ModelFunction.Properties).toMatchObject({
      CodeUri: archive.path,
      Handler: 'handler.handler',
      MemorySize: 1024,
    })
    expect(archive.kind === 'zip' && archive.entries.map(({ path }) => path)).toEqual(['handler.mjs', 'model'])
    expect(ModelFunction.Properties.FunctionUrlConfig.AuthType).toBe('AWS_IAM')
  })

  it('refuses memory that no function has', () => {
    expect(() => lambdaTarget(planOf({ memoryMib: 20_000 }))).toThrow(/at most 10240 MiB/)
  })
})

describe('systemd', () => {
  const unit = textOf(systemdTarget, 'customers.service')
  const value = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)![1]!

  it('takes names from its environment file', () => {
    const environment = textOf(systemdTarget, 'customers.env')
    for (const [, name] of value('ExecStart').matchAll(/\$\{(HOST|PORT)\}/g))
      expect(environment).toMatch(new RegExp(`^${name}=`, 'm'))
    expect(value('EnvironmentFile')).toBe('/etc/customers.env')
    expect([value('CPUQuota'), value('MemoryMax')]).toEqual(['150%', '1024M'])
  })

  it('shuts what the service does not need', () => {
    const hardening = { DynamicUser: 'yes', ProtectSystem: 'strict', NoNewPrivileges: 'yes', CapabilityBoundingSet: '' }
    for (const [key, expected] of Object.entries(hardening)) expect(value(key), key).toBe(expected)
  })
})
