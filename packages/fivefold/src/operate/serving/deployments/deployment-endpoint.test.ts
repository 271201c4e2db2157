import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createContext, FivefoldError } from '../../../core/index.ts'
import { floats } from '../../../onnx/index.ts'
import { createDeploymentStore, ensureDeployment, openDeployment, parseDeploymentSpec } from '../../rollout/index.ts'
import type { Servable, Tensors } from '../model/servable.ts'
import type { ModelEndpoint, ModelRepository } from '../runtime/model-repository.ts'
import { createDeploymentEndpoint, type DeploymentEndpoint } from './deployment-endpoint.ts'

type Infer = (feeds: Tensors) => Promise<Tensors>

/** Answers x times its factor, or as it is told. */
const times =
  (factor: number): Infer =>
  async ({ x }) => ({
    y: floats(Array.from(x!.data as Float32Array, (value) => value * factor)),
    label: labels(x!.shape[0]!),
  })
const labels = (rows: number) => ({ type: 'string' as const, shape: [rows], data: new Array<string>(rows).fill('yes') })
const fails =
  (code: 'TIMEOUT' | 'MODEL_INPUT' | 'CANCELLED'): Infer =>
  () =>
    Promise.reject(new FivefoldError(code, 'on purpose'))

function repositoryOf(models: Record<string, Infer>): ModelRepository {
  const model = (name: string): Servable => ({
    ...{ name, version: '1', isBatched: true },
    inputs: [{ name: 'x', type: 'float', shape: [-1] }],
    outputs: [
      { name: 'y', type: 'float', shape: [-1] },
      { name: 'label', type: 'string', shape: [-1] },
    ],
    run: (feeds) => models[name]!(feeds),
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  })
  return {
    statuses: () => Object.keys(models).map((name) => ({ name, version: '1', state: 'ready' })),
    endpoint: (name = '') => {
      if (!models[name]) throw new FivefoldError('MODEL_NOT_FOUND', name)
      return { model: model(name), infer: (feeds) => models[name]!(feeds) } satisfies ModelEndpoint
    },
    load: () => Promise.reject(new Error('not here')),
    unload: () => Promise.reject(new Error('not here')),
  }
}

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const variants = { a: { model: 'a' }, b: { model: 'b' } }

async function open(models: Record<string, Infer>, spec: Record<string, unknown>) {
  const dir = await mkdtemp(join(tmpdir(), 'fivefold-endpoint-'))
  cleanups.push(() => rm(dir, { recursive: true, force: true }))
  const store = createDeploymentStore(dir)
  await ensureDeployment(store, 'd', parseDeploymentSpec({ variants, ...spec }), { timeMs: 0, by: 'setup' })
  const deployment = await openDeployment({ store, name: 'd', logDir: join(dir, 'log'), context: createContext() })
  cleanups.push(() => deployment.close())
  return { deployment, endpoint: createDeploymentEndpoint(deployment, repositoryOf(models)) }
}

let asked = 0
async function ask(endpoint: DeploymentEndpoint, values = [1, 2], headers: Record<string, string> = {}) {
  const marks: Record<string, string> = {}
  const annotate = (name: string, value: string): void => {
    marks[name] = value
  }
  const answer = await endpoint.infer({ x: floats(values) }, { requestId: `r${asked++}`, headers, annotate })
  return { y: Array.from(answer.y!.data as Float32Array), marks }
}

const single = { traffic: { kind: 'single', variant: 'a' } }

describe('an endpoint over variants', () => {
  it('answers by the variant of the route and says which', async () => {
    const rules = [{ header: 'x-try', equals: 'b', variant: 'b' }]
    const { endpoint, deployment } = await open({ a: times(2), b: times(3) }, { policy: { ...single, rules } })
    expect(await ask(endpoint)).toEqual({ y: [2, 4], marks: { 'x-fivefold-variant': 'a' } })
    expect((await ask(endpoint, [1, 2], { 'x-try': 'b' })).y).toEqual([3, 6])
    expect(endpoint.model).toMatchObject({ name: 'd', version: '1' })
    expect(deployment.report().variants.map(({ answers }) => answers)).toEqual([1, 1])
  })
  it('counts outcomes of its answers', async () => {
    const policy = {
      traffic: {
        kind: 'experiment',
        control: 'a',
        weights: { a: 1, b: 1 },
        metrics: [{ name: 'm', goal: 'increase' }],
      },
    }
    const { endpoint, deployment } = await open({ a: times(2), b: times(3) }, { policy })
    await ask(endpoint)
    await deployment.recordOutcome(`r${asked - 1}`, { name: 'm', value: 1 })
    const [comparison] = deployment.report().experiment!.comparisons
    expect(comparison!.control.count + comparison!.treatment.count).toBe(1)
  })
})

describe('degradation', () => {
  const fallback = { variant: 'b', cachedAnswers: 10, answer: { y: 0.5, label: 'unknown' } }
  it('goes to the previous version first, and counts the failure', async () => {
    const { endpoint, deployment } = await open({ a: fails('TIMEOUT'), b: times(3) }, { policy: single, fallback })
    expect(await ask(endpoint)).toEqual({
      y: [3, 6],
      marks: { 'x-fivefold-variant': 'a', 'x-fivefold-degraded': 'previous' },
    })
    expect(deployment.report().variants[0]).toMatchObject({ variant: 'a', answers: 1, errors: 1 })
  })
  it('then to a kept answer to the same question, then to the default in every row', async () => {
    const models: Record<string, Infer> = { a: times(2), b: fails('TIMEOUT') }
    const { endpoint } = await open(models, { policy: single, fallback })
    expect((await ask(endpoint)).marks['x-fivefold-degraded']).toBeUndefined()
    models.a = fails('TIMEOUT')
    expect(await ask(endpoint)).toMatchObject({ y: [2, 4], marks: { 'x-fivefold-degraded': 'cached' } })
    expect(await ask(endpoint, [7, 8, 9])).toMatchObject({
      y: [0.5, 0.5, 0.5],
      marks: { 'x-fivefold-degraded': 'default' },
    })
    // A default is not remembered as if it had been an answer.
    expect((await ask(endpoint, [7, 8, 9])).marks['x-fivefold-degraded']).toBe('default')
  })
  it('leaves a canary that fails without harm: its stable version answers', async () => {
    const traffic = { kind: 'canary', stable: 'a', canary: 'b', stages: [{ share: 0.5, requests: 1000 }] }
    const { endpoint, deployment } = await open({ a: times(2), b: fails('TIMEOUT') }, { policy: { traffic } })
    for (let request = 0; request < 60; request++) expect((await ask(endpoint)).y).toEqual([2, 4])
    await deployment.settled()
    expect(deployment.record().change).toMatchObject({ by: 'canary', action: 'rollBack' })
  })
  it('is no answer to a request that does not fit, nor to one that nobody waits for', async () => {
    for (const code of ['MODEL_INPUT', 'CANCELLED'] as const) {
      const models = { a: fails(code), b: fails(code) }
      const { endpoint } = await open(models, { policy: single, fallback })
      await expect(ask(endpoint)).rejects.toMatchObject({ code })
    }
  })
  it('reports the first error where nothing is left', async () => {
    const { endpoint } = await open({ a: fails('TIMEOUT'), b: times(1) }, { policy: single })
    await expect(ask(endpoint)).rejects.toMatchObject({ code: 'TIMEOUT' })
  })
})

describe('shadows', () => {
  const policy = { ...single, shadows: [{ variant: 'b' }] }
  it('are compared and never returned', async () => {
    const { endpoint } = await open(
      { a: times(2), b: async (feeds) => times(feeds.x!.data[0] === 1 ? 2 : 3)(feeds) },
      { policy },
    )
    expect((await ask(endpoint, [1, 5])).y).toEqual([2, 10])
    expect((await ask(endpoint, [2, 0])).y).toEqual([4, 0])
    await endpoint.settled()
    const [shadow] = endpoint.shadows()
    expect(shadow).toMatchObject({ variant: 'b', answers: 2, rows: 4, largestDifference: 2, errors: 0 })
    expect(shadow!.agreement.value).toBe(0.75)
  })
  it('that fail or are not loaded disturb nobody', async () => {
    for (const models of [{ a: times(2), b: fails('TIMEOUT') }, { a: times(2) }]) {
      const { endpoint } = await open(models, { policy })
      expect((await ask(endpoint)).y).toEqual([2, 4])
      await endpoint.settled()
      expect(endpoint.shadows()[0]).toMatchObject({ answers: 0, errors: 1 })
    }
  })
  it('that are slow are skipped beyond a bound', async () => {
    let release = (): void => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const slow: Infer = async (feeds) => {
      await released
      return times(2)(feeds)
    }
    const { endpoint } = await open({ a: times(2), b: slow }, { policy })
    for (let request = 0; request < 70; request++) await ask(endpoint)
    release()
    await endpoint.settled()
    expect(endpoint.shadows()[0]).toMatchObject({ answers: 64, skipped: 6 })
  })
})
