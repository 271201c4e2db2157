import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createContext, FivefoldError } from '../../../core/index.ts'
import { type Deployment, openDeployment } from './deployment.ts'
import { parseDeploymentSpec } from './deployment-record.ts'
import { createDeploymentStore, type DeploymentStore, ensureDeployment } from './deployment-store.ts'

const variants = { one: { model: 'churn', version: '1' }, two: { model: 'churn', version: '2' } }
const single = parseDeploymentSpec({ variants, policy: { traffic: { kind: 'single', variant: 'one' } } })
const canarySpec = {
  variants,
  policy: {
    traffic: {
      ...{ kind: 'canary', stable: 'one', canary: 'two' },
      stages: [
        { share: 0.1, requests: 20 },
        { share: 0.4, requests: 20 },
      ],
      outcomes: [{ kind: 'event', name: 'wrong', goal: 'decrease' }],
    },
  },
}
const anna = { by: 'anna', reason: 'try it' }

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function makeStore(): Promise<{ store: DeploymentStore; dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'fivefold-rollout-'))
  cleanups.push(() => rm(dir, { recursive: true, force: true }))
  const store = createDeploymentStore(join(dir, 'deployments'))
  await ensureDeployment(store, 'churn', single, { timeMs: 0, by: 'setup' })
  return { store, dir }
}

async function open({ store, dir }: { store: DeploymentStore; dir: string }): Promise<Deployment> {
  const options = { store, name: 'churn', logDir: join(dir, 'log') }
  const deployment = await openDeployment({ ...options, context: createContext({ seed: 3 }) })
  cleanups.push(() => deployment.close())
  return deployment
}

let requests = 0
/** Answers one request after another until a condition holds; how many it took. */
function answerUntil(
  deployment: Deployment,
  done: () => boolean,
  isOk: (variant: string) => boolean = () => true,
): number {
  for (let answered = 0; answered < 5000; answered++) {
    if (done()) return answered
    const route = deployment.route({})
    deployment.recordAnswer({ requestId: `r${requests++}`, route, latencyMs: 5, ok: isOk(route.variant) })
  }
  throw new Error('it never happened')
}

const trafficOf = (deployment: Deployment) => deployment.record().policy.traffic

describe('the store of deployments', () => {
  it('keeps every version, with who made it and why', async () => {
    const place = await makeStore()
    const deployment = await open(place)
    await deployment.update(canarySpec, anna)
    await deployment.rollBack({ by: 'ben', reason: 'not today' })
    const history = await place.store.history('churn')
    expect(history.map(({ version, change }) => [version, change.by, change.action, change.reason])).toEqual([
      [1, 'setup', 'create', ''],
      [2, 'anna', 'update', 'try it'],
      [3, 'ben', 'rollBack', 'not today'],
    ])
    expect(history[1]!.policy.traffic.kind).toBe('canary')
    expect(history[2]!.policy).toEqual(history[0]!.policy)
  })
  it('lets one of two writers through that changed the same version', async () => {
    const { store } = await makeStore()
    const change = { timeMs: 0, by: 'x', action: 'update' as const, reason: '' }
    const writers = Array.from({ length: 8 }, () => store.write('churn', { spec: single, change, expectedVersion: 1 }))
    const results = await Promise.allSettled(writers)
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as FivefoldError] : []))
    expect(refused).toHaveLength(7)
    expect(refused.every(({ code }) => code === 'STORE_CONFLICT')).toBe(true)
    expect((await store.read('churn')).version).toBe(2)
  })
  it('refuses names that are paths, and says where a file is damaged', async () => {
    const { store, dir } = await makeStore()
    await expect(store.read('../churn')).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(store.read('nobody')).rejects.toMatchObject({ code: 'DEPLOYMENT_NOT_FOUND' })
    await writeFile(join(dir, 'deployments/churn/00000002.json'), '{"format":1')
    await expect(store.read('churn')).rejects.toThrow(/00000002\.json is not JSON/)
    expect(await store.names()).toEqual(['churn'])
  })
  it('refuses policies that name what is no variant', () => {
    expect(() => parseDeploymentSpec({ ...canarySpec, variants: { one: { model: 'churn' } } })).toThrow(/two/)
  })
})

describe('a canary in a deployment', () => {
  it('passes its stages and is promoted, every step being on record', async () => {
    const place = await makeStore()
    const deployment = await open(place)
    await deployment.update(canarySpec, anna)
    answerUntil(deployment, () => deployment.report().canary?.status === 'promoted')
    expect(deployment.route({}).variant).toBe('two')
    await deployment.settled()
    expect(trafficOf(deployment)).toEqual({ kind: 'single', variant: 'two' })
    const changes = (await place.store.history('churn')).map(({ change }) => [change.by, change.action])
    expect(changes.slice(2)).toEqual([
      ['canary', 'advance'],
      ['canary', 'promote'],
    ])
  })
  it('is rolled back where it fails, and gets no request from that moment on', async () => {
    const deployment = await open(await makeStore())
    await deployment.update(canarySpec, anna)
    answerUntil(
      deployment,
      () => deployment.report().canary?.status === 'rolledBack',
      (variant) => variant === 'one',
    )
    expect(Array.from({ length: 200 }, () => deployment.route({}).variant)).not.toContain('two')
    await deployment.settled()
    expect(trafficOf(deployment)).toEqual({ kind: 'single', variant: 'one' })
    expect(deployment.record().change).toMatchObject({ by: 'canary', action: 'rollBack' })
    expect(deployment.record().change.reason).toContain('errors')
  })
  it('counts outcomes by request id, each once, over a restart too', async () => {
    const place = await makeStore()
    const first = await open(place)
    await first.update(canarySpec, anna)
    const asked: string[] = []
    while (asked.length < 6) {
      const route = first.route({})
      const requestId = `asked-${requests++}`
      first.recordAnswer({ requestId, route, latencyMs: 5, ok: true })
      if (route.group === 'canary') asked.push(requestId)
    }
    for (const requestId of asked.slice(0, 3)) await first.recordOutcome(requestId, { name: 'wrong', value: 1 })
    await first.recordOutcome(asked[0]!, { name: 'wrong', value: 1 })
    await first.close()
    const second = await open(place)
    for (const requestId of asked.slice(2)) await second.recordOutcome(requestId, { name: 'wrong', value: 1 })
    const wrong = second.report().canary!.criteria.find(({ name }) => name === 'outcome.wrong')!
    expect(wrong.canary.count).toBe(6)
    expect(second.report().canary!.answers.canary).toBe(6)
    await expect(second.recordOutcome('nobody', { name: 'wrong', value: 1 })).rejects.toMatchObject({
      code: 'REQUEST_NOT_FOUND',
    })
    await expect(second.recordOutcome(asked[0]!, { name: 'wrong', value: Number.NaN })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    })
  })
  it('goes on from its log alone after a crash, without what was half written', async () => {
    const place = await makeStore()
    const first = await open(place)
    await first.update(canarySpec, anna)
    answerUntil(first, () => first.report().canary!.stageAnswers === 10)
    const last = first.route({})
    first.recordAnswer({ requestId: 'last', route: last, latencyMs: 5, ok: true })
    await first.recordOutcome('last', { name: 'other', value: 1 })
    const before = first.report()
    await first.close()
    // As a crash leaves it: no summary, and a record cut short.
    await rm(join(place.dir, 'log/churn/summary.json'))
    const [segment] = (await readdir(join(place.dir, 'log/churn'))).filter((file) => file.endsWith('.log'))
    const path = join(place.dir, 'log/churn', segment!)
    await truncate(path, (await readFile(path)).length - 3)
    expect((await open(place)).report()).toEqual(before)
  })
  it('finishes what it had decided before it could be stored', async () => {
    const place = await makeStore()
    const broken: DeploymentStore = {
      ...place.store,
      write: (name, version) =>
        version.change.by === 'canary' ? Promise.reject(new Error('disk gone')) : place.store.write(name, version),
    }
    const first = await open({ ...place, store: broken })
    await first.update(canarySpec, anna)
    answerUntil(
      first,
      () => first.report().canary?.status === 'rolledBack',
      (variant) => variant === 'one',
    )
    await first.close()
    expect((await place.store.read('churn')).policy.traffic.kind).toBe('canary')
    const second = await open(place)
    expect(trafficOf(second)).toEqual({ kind: 'single', variant: 'one' })
  })
})

describe('changes by people', () => {
  it('promote what they name, and refuse to guess', async () => {
    const deployment = await open(await makeStore())
    await deployment.update({ variants, policy: { traffic: { kind: 'split', weights: { one: 1, two: 1 } } } }, anna)
    await expect(deployment.promote(anna)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await deployment.promote(anna, 'two')
    expect(trafficOf(deployment)).toEqual({ kind: 'single', variant: 'two' })
    await deployment.rollBack(anna)
    expect(trafficOf(deployment).kind).toBe('split')
  })
  it('refuse a change to a version that is no longer the latest', async () => {
    const deployment = await open(await makeStore())
    await deployment.update(canarySpec, anna, 1)
    await expect(deployment.update(canarySpec, anna, 1)).rejects.toMatchObject({ code: 'STORE_CONFLICT' })
  })
  it('cannot roll back what never was otherwise', async () => {
    const deployment = await open(await makeStore())
    await expect(deployment.rollBack(anna)).rejects.toMatchObject({ code: 'STORE_CONFLICT' })
  })
  it('keep what was learned where the policy stays as it is', async () => {
    const deployment = await open(await makeStore())
    answerUntil(deployment, () => deployment.report().variants[0]!.answers === 10)
    await deployment.update({ ...single, fallback: { cachedAnswers: 5 } }, anna)
    expect(deployment.report().variants[0]!.answers).toBe(10)
    await deployment.update(canarySpec, anna)
    expect(deployment.report().variants[0]!.answers).toBe(0)
  })
  it('belong to one process at a time', async () => {
    const place = await makeStore()
    await open(place)
    await expect(open(place)).rejects.toThrow(FivefoldError)
  })
})

describe('bandits in a deployment', () => {
  it('learn from outcomes and remember them', async () => {
    const place = await makeStore()
    const policy = {
      traffic: { kind: 'bandit', arms: ['one', 'two'], reward: 'click', algorithm: { name: 'thompsonBeta' } },
    }
    const first = await open(place)
    await first.update({ variants, policy }, anna)
    const outcomes: Promise<void>[] = []
    for (let request = 0; request < 400; request++) {
      const route = first.route({})
      first.recordAnswer({ requestId: `b${request}`, route, latencyMs: 1, ok: true })
      outcomes.push(first.recordOutcome(`b${request}`, { name: 'click', value: route.variant === 'two' ? 1 : 0 }))
    }
    await Promise.all(outcomes)
    const learned = first.report().bandit!
    expect(learned.find(({ arm }) => arm === 'two')!.count).toBeGreaterThan(350)
    await first.close()
    expect((await open(place)).report().bandit).toEqual(learned)
  })
})
