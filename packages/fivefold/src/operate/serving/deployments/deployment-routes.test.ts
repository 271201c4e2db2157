import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { CREDIT_ROW, creditModel } from '../model/servable.test.fixture.ts'
import { type RunningServer, serveModels } from '../server/serve-models.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const spec = {
  variants: { stable: { model: 'credit' }, next: { model: 'credit-next' } },
  policy: {
    traffic: { kind: 'canary', stable: 'stable', canary: 'next', stages: [{ share: 0.5, requests: 5000 }] },
    stickyBy: 'x-user',
  },
}

interface Place {
  readonly dir: string
  readonly allowManagement?: boolean
}

async function makeDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'fivefold-deployments-'))
  cleanups.push(() => rm(dir, { recursive: true, force: true }))
  return dir
}

async function serve({ dir, allowManagement = true }: Place): Promise<RunningServer> {
  const server = await serveModels({
    models: [creditModel(), creditModel({ name: 'credit-next', version: '9' })],
    deployments: { dir, specs: [{ name: 'approvals', spec }] },
    context: createContext(),
    allowManagement,
  })
  cleanups.push(() => server.close())
  return server
}

const json = { 'content-type': 'application/json' }
const send = async (server: RunningServer, method: string, path: string, body?: unknown, headers = {}) => {
  const response = await fetch(`${server.url}${path}`, {
    ...{ method, headers: { ...json, ...headers } },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { response, status: response.status, body: (text.startsWith('{') ? JSON.parse(text) : text) as never }
}
const predict = (server: RunningServer, user: string) =>
  send(server, 'POST', '/models/approvals/predict', { rows: [CREDIT_ROW] }, { 'x-user': user })

describe('deployments over HTTP', () => {
  it('answer like a model, by the same variant for the same user, and say which', async () => {
    const server = await serve({ dir: await makeDir() })
    const seen = new Set<string>()
    for (let user = 0; user < 20; user++) {
      const [first, again] = [await predict(server, `u${user}`), await predict(server, `u${user}`)]
      expect(first.status).toBe(200)
      const variant = first.response.headers.get('x-fivefold-variant')
      expect(again.response.headers.get('x-fivefold-variant')).toBe(variant)
      seen.add(variant!)
    }
    expect([...seen].sort()).toEqual(['next', 'stable'])
    expect((await send(server, 'GET', '/v2/models/approvals')).body).toMatchObject({ name: 'approvals' })
    const column = (name: string, datatype: string, value: unknown) => ({
      name,
      datatype,
      shape: [1, 1],
      data: [value],
    })
    const infer = {
      inputs: [
        column('age', 'FP64', 40),
        column('children', 'INT64', 2),
        column('job', 'BYTES', 'nurse'),
        column('owner', 'BOOL', true),
        column('since', 'FP64', 0),
      ],
    }
    const { response } = await send(server, 'POST', '/v2/models/approvals/infer', infer)
    expect(response.headers.get('x-fivefold-variant')).toMatch(/stable|next/)
  })
  it('take outcomes by request id, and name those that they do not know', async () => {
    const server = await serve({ dir: await makeDir() })
    const { response } = await predict(server, 'u1')
    const requestId = response.headers.get('x-request-id')!
    const outcomes = [
      { requestId, name: 'repaid', value: 1 },
      { requestId: 'nobody', name: 'repaid', value: 1 },
    ]
    const answer = await send(server, 'POST', '/outcomes', { outcomes })
    expect(answer).toMatchObject({ status: 200, body: { recorded: 1, unknown: ['nobody'] } })
    for (const bad of [{}, { outcomes: [] }, { outcomes: [{ requestId, name: '../x', value: 'one' }] }, [1]])
      expect((await send(server, 'POST', '/outcomes', bad)).status).toBe(400)
  })
  it('are changed, promoted and rolled back by one call each, on record and over a restart', async () => {
    const dir = await makeDir()
    const server = await serve({ dir })
    const author = { by: 'anna', reason: 'looks good' }
    expect((await send(server, 'POST', '/deployments/approvals/promote', author)).status).toBe(200)
    expect((await predict(server, 'u1')).response.headers.get('x-fivefold-variant')).toBe('next')
    expect((await send(server, 'POST', '/deployments/approvals/rollback', { by: 'ben' })).status).toBe(200)
    expect((await predict(server, 'u1')).response.headers.get('x-fivefold-variant')).toBe('stable')
    const single = { ...spec, policy: { traffic: { kind: 'single', variant: 'next' } } }
    const stale = await send(server, 'PUT', '/deployments/approvals', { ...author, spec: single, expectedVersion: 1 })
    expect(stale).toMatchObject({ status: 409, body: { error: { code: 'STORE_CONFLICT' } } })
    const put = await send(server, 'PUT', '/deployments/approvals', { ...author, spec: single, expectedVersion: 3 })
    expect(put).toMatchObject({ status: 200, body: { version: 4, change: { by: 'anna', action: 'update' } } })
    await server.close()
    const second = await serve({ dir })
    const { versions } = (await send(second, 'GET', '/deployments/approvals/history')).body as {
      versions: { change: { by: string } }[]
    }
    expect(versions.map(({ change }) => change.by)).toEqual(['server', 'anna', 'ben', 'anna'])
    expect((await predict(second, 'u1')).response.headers.get('x-fivefold-variant')).toBe('next')
  })
  it('can be looked at, and not changed, without management', async () => {
    const server = await serve({ dir: await makeDir(), allowManagement: false })
    expect((await send(server, 'GET', '/deployments')).body).toEqual({ deployments: ['approvals'] })
    const shown = (await send(server, 'GET', '/deployments/approvals')).body
    expect(shown).toMatchObject({ record: { version: 1 }, canary: { status: 'running' } })
    const page = await send(server, 'GET', '/deployments/approvals/report')
    expect(page.response.headers.get('content-type')).toContain('text/html')
    expect(page.body).toContain('Deployment approvals')
    expect((await send(server, 'POST', '/deployments/approvals/rollback', { by: 'eve' })).status).toBe(404)
    expect((await send(server, 'GET', '/deployments/nobody')).status).toBe(404)
  })
  it('are refused where a variant names no model of the server', async () => {
    const dir = await makeDir()
    const wrong = { ...spec, variants: { ...spec.variants, next: { model: 'missing' } } }
    const deployments = { dir, specs: [{ name: 'approvals', spec: wrong }] }
    const context = createContext()
    await expect(serveModels({ models: [creditModel()], deployments, context })).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
    })
  })
})
