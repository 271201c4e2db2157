import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { createContext } from '../../../core/index.ts'
import { serveBundle } from '../../serving/index.ts'
import { BUNDLE, planOf } from '../deploy-plan.test.fixture.ts'
import type { DeployTarget } from '../deploy-target.ts'
import { planDeployment } from '../plan-deployment.ts'
import { azuremlTarget } from './azureml.ts'
import { composeTarget } from './compose.ts'
import { kserveTarget } from './kserve.ts'
import { lambdaTarget } from './lambda.ts'
import { sagemakerTarget } from './sagemaker.ts'
import { systemdTarget } from './systemd.ts'
import { vertexTarget } from './vertex.ts'

function textOf(target: DeployTarget, path: string, plan = planOf()): string {
  const file = target(plan).find((found) => found.path === path)
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

describe('sagemaker', () => {
  const request = (name: string) => JSON.parse(textOf(sagemakerTarget, `aws/${name}.json`))

  it('has requests that name each other, and the model by its digest', () => {
    const { ModelName, PrimaryContainer } = request('create-model')
    const { EndpointConfigName, ProductionVariants } = request('create-endpoint-config')
    expect(PrimaryContainer.ModelDataUrl).toBe('s3://models/customers/3/model.tar.gz')
    expect(ModelName).toBe('customers-0123456789ab')
    expect(ProductionVariants[0].ModelName).toBe(ModelName)
    for (const name of ['create-endpoint', 'update-endpoint'])
      expect(request(name).EndpointConfigName).toBe(EndpointConfigName)
    const { AutoRollbackConfiguration } = request('update-endpoint').DeploymentConfig
    expect(AutoRollbackConfiguration.Alarms).toEqual([{ AlarmName: request('put-metric-alarm').AlarmName }])
    const { ResourceId } = request('register-scalable-target')
    expect(ResourceId).toBe(`endpoint/customers/variant/${ProductionVariants[0].VariantName}`)
    expect(request('put-scaling-policy').ResourceId).toBe(ResourceId)
  })

  it('starts with the word that SageMaker starts images with, on the port and folder that it has', () => {
    expect(textOf(sagemakerTarget, 'image/Dockerfile')).toMatch(
      /COPY --chmod=0755 serve \/usr\/local\/bin\/serve[\s\S]*CMD \["serve"\]\n$/,
    )
    expect(textOf(sagemakerTarget, 'image/serve')).toMatch(
      /^exec node .* --model \/opt\/ml\/model --host 0\.0\.0\.0 --port 8080 --open-to-all$/m,
    )
    expect(textOf(sagemakerTarget, 'image/.dockerignore')).toMatch(/^!serve$/m)
    expect(() => sagemakerTarget(planOf({ port: 9000 }))).toThrow(/port 8080/)
  })

  it('has no canary where there is one instance', () => {
    const routing = (replicas: number) => {
      const { DeploymentConfig } = JSON.parse(textOf(sagemakerTarget, 'aws/update-endpoint.json', planOf({ replicas })))
      return DeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration.Type
    }
    expect([routing(1), routing(2)]).toEqual(['ALL_AT_ONCE', 'CANARY'])
  })
})

/** The fields of `ModelContainerSpec` and of the upload that are used, and no others. */
const uploadModel = z.strictObject({
  model: z.strictObject({
    displayName: z.string().max(128),
    versionDescription: z.string(),
    versionAliases: z.array(z.string().regex(/^[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]$/)),
    containerSpec: z.strictObject({
      imageUri: z.string(),
      ports: z.tuple([z.strictObject({ containerPort: z.number() })]),
      predictRoute: z.string().startsWith('/'),
      healthRoute: z.string().startsWith('/'),
    }),
    labels: z.record(z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/), z.string().regex(/^[a-z0-9_-]{0,63}$/)),
  }),
})

const route = z.strictObject({ path: z.string().startsWith('/'), port: z.literal(8080) })
const azureProbe = z.strictObject({
  initial_delay: z.number(),
  period: z.number(),
  timeout: z.number(),
  failure_threshold: z.number(),
})
const azureName = z.string().regex(/^[a-z][a-z0-9-]{1,30}[a-z0-9]$/)
const azureDeployment = z.strictObject({
  $schema: z.string(),
  name: azureName,
  endpoint_name: azureName,
  environment: z.strictObject({
    image: z.string(),
    inference_config: z.strictObject({ liveness_route: route, readiness_route: route, scoring_route: route }),
  }),
  instance_type: z.string(),
  instance_count: z.number(),
  request_settings: z.strictObject({
    request_timeout_ms: z.number().max(180_000),
    max_concurrent_requests_per_instance: z.number(),
  }),
  liveness_probe: azureProbe,
  readiness_probe: azureProbe,
  app_insights_enabled: z.boolean(),
  tags: z.record(z.string(), z.string()),
})
const azureEndpoint = z.strictObject({
  $schema: z.string(),
  name: azureName,
  auth_mode: z.enum(['key', 'aml_token', 'aad_token']),
  tags: z.record(z.string(), z.string()),
})

describe('azureml', () => {
  it('has a deployment of the endpoint', () => {
    const plan = planOf({ name: 'a-name-that-is-longer-than-what-azure' })
    const endpoint = azureEndpoint.parse(parse(textOf(azuremlTarget, 'endpoint.yaml', plan)))
    const deployment = azureDeployment.parse(parse(textOf(azuremlTarget, 'deployment.yaml', plan)))
    expect(deployment.endpoint_name).toBe(endpoint.name)
    expect(deployment.name).toBe('m-0123456789ab')
  })
})

describe('requests of the clouds', async () => {
  const server = await serveBundle({ bundle: BUNDLE, context: createContext() })
  afterAll(() => server.close())
  const plan = await planDeployment({ bundle: BUNDLE })
  const { containerSpec } = uploadModel.parse(JSON.parse(textOf(vertexTarget, 'upload-model.json', plan))).model
  const { inference_config } = azureDeployment.parse(parse(textOf(azuremlTarget, 'deployment.yaml', plan))).environment

  it.each([
    ['sagemaker', sagemakerTarget, 'invocation.json', '/invocations', /^\{"predictions":\[\{"label":"yes"/],
    ['vertex', vertexTarget, 'predict.json', containerSpec.predictRoute, /^\{"predictions":\[\{"label":"yes"/],
    ['azureml', azuremlTarget, 'score.json', inference_config.scoring_route.path, /^\[\{"label":"yes"/],
  ] as const)(
    '%s: the server answers the example on the route that is written',
    async (_, target, path, at, answer) => {
      const headers = { 'content-type': 'application/json' }
      const body = textOf(target, path, plan)
      const response = await fetch(`${server.url}${at}`, { method: 'POST', headers, body })
      expect(response.status).toBe(200)
      expect(await response.text()).toMatch(answer)
    },
  )

  it.each([
    '/ping',
    containerSpec.healthRoute,
    inference_config.liveness_route.path,
    inference_config.readiness_route.path,
  ])('%s says that all is well', async (path) => {
    expect((await fetch(`${server.url}${path}`)).status).toBe(200)
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
