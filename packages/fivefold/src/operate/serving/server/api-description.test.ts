import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterEach, describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { openDeployments } from '../deployments/deployments.ts'
import { openJobs } from '../jobs/jobs.ts'
import { creditModel, doublingModel } from '../model/servable.test.fixture.ts'
import type { Servable } from '../model/servable.ts'
import { createOperations } from '../operations/operations.ts'
import type { ProtocolChoices } from '../protocols/index.ts'
import { ECHO, HALF_PLUS_TWO } from '../protocols/protocol-app.test.fixture.ts'
import { createModelRepository } from '../runtime/create-repository.ts'
import { createServingApp, type ServingApp } from './serving-app.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Described {
  readonly parameters?: readonly { name: string; in: string; required?: boolean; example?: string }[]
  readonly requestBody?: { content: Record<string, { example?: unknown; schema: { example?: unknown } }> }
  readonly responses: Record<string, unknown>
}
interface Description {
  readonly paths: Record<string, Record<string, Described>>
}

interface Case {
  readonly model: Servable
  readonly protocols: ProtocolChoices
  /** Routes without a whole example: they are about what the model does not do, or what only the caller has. */
  readonly unsent: RegExp
  /** With deployments, jobs, objectives and a price. */
  readonly isWhole?: boolean
}

const vertex = { health: '/vertex-health', predict: '/v1/endpoints/7:predict' }
const CASES: readonly (readonly [string, Case])[] = [
  [
    'a bundle that knows classes, with a deployment, jobs, labels, and Vertex AI',
    {
      ...{ model: creditModel(), protocols: { vertex, labels: { approvals: { stable: '2' } } }, isWhole: true },
      unsent: /:regress$|explanations|predict.jobs/,
    },
  ],
  [
    'a bundle that predicts numbers',
    { model: doublingModel(), protocols: {}, unsent: /:classify$|labels|explanations/ },
  ],
  [
    'a plain model with one input',
    { model: HALF_PLUS_TWO, protocols: {}, unsent: /:classify$|:regress$|labels|explanations/ },
  ],
  [
    'a plain model with several inputs, for SageMaker',
    {
      ...{ model: ECHO, protocols: { sageMakerModels: '/nowhere' } },
      unsent: /:classify$|:regress$|labels|explanations|^POST .models$/,
    },
  ],
]

async function start({ model, protocols, isWhole }: Case): Promise<ServingApp> {
  const context = createContext()
  const repository = createModelRepository({ context })
  await repository.add(model)
  const management = {
    load: async () => {},
    unload: repository.unload,
    loadable: async () => [model.name],
  }
  const deployments = isWhole ? await openApprovals(repository, model) : undefined
  const jobs = isWhole ? await openJobs({ dir: await makeDir() }, repository, context) : undefined
  const operations = isWhole ? await openOperations(repository) : undefined
  const serving = await createServingApp({
    ...{ repository, context, protocols, management },
    ...(operations ? { operations } : {}),
    ...(deployments ? { deployments } : {}),
    ...(jobs ? { jobs: { jobs, uploadBytes: 1000 } } : {}),
  })
  cleanups.push(serving.stop)
  return serving
}

const openOperations = ({ metrics }: ReturnType<typeof createModelRepository>): ReturnType<typeof createOperations> =>
  createOperations({
    gather: async () => [metrics.snapshot()],
    ...{ slo: { availability: 0.99 }, price: { perHour: 1 }, context: createContext() },
  })

async function makeDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'fivefold-description-'))
  cleanups.push(() => rm(dir, { recursive: true, force: true }))
  return dir
}

async function openApprovals(
  repository: Parameters<typeof openDeployments>[1],
  { name: model }: Servable,
): ReturnType<typeof openDeployments> {
  const dir = await makeDir()
  const policy = { traffic: { kind: 'split', weights: { stable: 9, next: 1 } } }
  const spec = { variants: { stable: { model }, next: { model } }, policy }
  const deployments = await openDeployments(
    { dir, specs: [{ name: 'approvals', spec }], context: createContext() },
    repository,
  )
  // Something to roll back.
  await deployments.get('approvals').deployment.promote({ by: 'anna', reason: '' }, 'next')
  return deployments
}

const descriptionOf = async ({ app }: ServingApp): Promise<Description> => (await app.inject('/openapi.json')).json()

/** `METHOD path` of the description. */
const described = ({ paths }: Description): string[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )

/** `METHOD path` of the router, as the description writes it. */
function registered({ routes }: ServingApp, isHidden: boolean): string[] {
  return [...routes.values()]
    .filter((route) => route.isHidden === isHidden)
    .flatMap(({ path, methods }) =>
      [...methods].filter((method) => method !== 'HEAD').map((method) => `${method} ${path}`),
    )
}

describe.each(CASES)('the description of %s', (_what, one) => {
  it('is OpenAPI 3.1 by a validator that is not ours', async () => {
    const serving = await start(one)
    const result = await new Validator().validate((await descriptionOf(serving)) as never)
    expect(result.errors ?? []).toEqual([])
    expect(result.valid).toBe(true)
  })

  it('holds every route, and no other', async () => {
    const serving = await start(one)
    const known = described(await descriptionOf(serving)).map((route) => route.replaceAll(/\{(\w+)\}/g, ':$1'))
    expect(known.sort()).toEqual(registered(serving, false).sort())
    // The console is pages, not a part of the API.
    for (const route of registered(serving, true).filter((one) => !/ \/console(\/|$)/.test(one))) {
      const [method, path] = route.split(' ') as ['GET', string]
      const { statusCode } = await serving.app.inject({ method, url: path.replace('*', 'x/y/z') })
      expect([route, Math.floor(statusCode / 100)]).toEqual([route, 4])
    }
  })

  it('says of every route what it answers when it works and when it does not', async () => {
    for (const [path, methods] of Object.entries((await descriptionOf(await start(one))).paths))
      for (const { responses } of Object.values(methods)) {
        expect(Object.keys(responses), path).toContain(path === '/predict/jobs' ? '202' : '200')
        expect(Object.keys(responses), path).toContain('500')
      }
  })

  it('has examples that are answered with 200', async () => {
    const unsent: string[] = []
    const routes = described(await descriptionOf(await start(one)))
    for (const route of routes) {
      const [method, path] = route.split(' ') as ['GET', string]
      const { [method.toLowerCase()]: operation } = (await descriptionOf(await start(one))).paths[path]!
      const requests = requestsOf(path, operation!)
      if (requests.length === 0) unsent.push(route)
      for (const request of requests) {
        const { app } = await start(one)
        const reply = await app.inject({ method, ...request })
        expect([route, request, reply.statusCode, reply.statusCode === 200 || reply.body]).toEqual([
          route,
          request,
          200,
          true,
        ])
        for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
      }
    }
    expect(unsent).toEqual(routes.filter((route) => one.unsent.test(route)))
  }, 60_000)
})

/** A request for each content type that the description has an example of; none where a parameter has none. */
function requestsOf(path: string, { parameters = [], requestBody }: Described): { url: string; payload?: string }[] {
  const needed = parameters.filter((parameter) => parameter.in === 'path')
  if (needed.some(({ example }) => example === undefined)) return []
  const url = needed.reduce(
    (filled, { name, example }) => filled.replace(`{${name}}`, encodeURIComponent(example!)),
    path,
  )
  const query = parameters.filter((parameter) => parameter.in === 'query' && parameter.example !== undefined)
  if (!requestBody)
    return [
      { url: `${url}?${new URLSearchParams(Object.fromEntries(query.map(({ name, example }) => [name, example!])))}` },
    ]
  return Object.entries(requestBody.content).flatMap(([type, { example, schema }]) => {
    const body = example ?? schema.example
    if (body === undefined) return []
    const payload = typeof body === 'string' && type !== 'application/json' ? body : JSON.stringify(body)
    return [{ url, payload, headers: { 'content-type': type } }]
  })
}
