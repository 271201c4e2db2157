import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeBundle } from '../../../../bundle/index.ts'
import { createContext } from '../../../../core/index.ts'
import { frameOf, selectColumns } from '../../../../data/index.ts'
import { createGraphBuilder } from '../../../../onnx/index.ts'
import { creditModel, doublingModel } from '../../model/servable.test.fixture.ts'
import type { Servable } from '../../model/servable.ts'
import { createModelRepository } from '../../runtime/create-repository.ts'
import { createServingApp, type ServingApp } from '../../server/serving-app.ts'
import { HALF_PLUS_TWO } from '../protocol-app.test.fixture.ts'

let serving: ServingApp
beforeAll(async () => {
  const context = createContext()
  const repository = createModelRepository({ context })
  let calls = 0
  const moody = creditModel({ name: 'moody' })
  const run: Servable['run'] = (feeds, options) => {
    const { age } = feeds
    calls++
    return moody.run(
      { ...feeds, age: { ...age!, data: (age!.data as Float64Array).map((x) => x + calls) } as never },
      options,
    )
  }
  for (const model of [creditModel(), doublingModel(), HALF_PLUS_TWO, { ...moody, run }]) await repository.add(model)
  serving = await createServingApp({ repository, context })
})
afterAll(() => serving.stop())

const ROW = { age: 64, children: 2, job: 'nurse', owner: true, since: 5 }
const post = (url: string, body: unknown, headers = {}) =>
  serving.app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload: JSON.stringify(body),
  })

describe('?explain=true', () => {
  it('says what each column added to the probability of the positive class', async () => {
    const reply = await post('/predict?explain=true', ROW)
    expect(reply.json()).toMatchObject({
      explanation: { method: 'sampled Shapley values', backgroundRows: 4 },
      predictions: [
        {
          label: 'yes',
          explanation: {
            class: 'yes',
            value: 0.5,
            baseValue: 48 / 128,
            contributions: { age: 16 / 128, children: 0, job: 0, owner: 0, since: 0 },
          },
        },
      ],
    })
    const { standardErrors } = reply.json().predictions[0].explanation
    expect(standardErrors.age).toBeGreaterThan(0)
    expect(standardErrors.job).toBe(0)
  })

  it('explains the class that is named, for each row', async () => {
    const { predictions } = (await post('/predict?explain=true&class=no', [ROW, { ...ROW, age: null }])).json()
    expect(predictions.map((one: { explanation: { class: string; value: number } }) => one.explanation)).toMatchObject([
      { class: 'no', value: 0.5, baseValue: 80 / 128, contributions: { age: -16 / 128 } },
      { class: 'no', value: 0.5, contributions: { age: -16 / 128 } },
    ])
  })

  it('answers as without it where it is not asked for', async () => {
    const reply = await post('/predict?explain=false', ROW)
    expect(reply.json().predictions[0]).toEqual({ label: 'yes', probabilities: { no: 0.5, yes: 0.5 } })
  })

  it('is answered for TorchServe in the form of its predictions', async () => {
    const one = (await post('/explanations/credit', ROW)).json()
    expect(one).toMatchObject({ class: 'yes', value: 0.5, contributions: { age: 0.125 } })
    expect((await post('/explanations/credit/3', [ROW])).json()).toEqual([one])
    expect((await post('/explanations/credit', { instances: [ROW] })).json()).toEqual({ explanations: [one] })
    expect((await post('/explanations/half_plus_two', [1])).statusCode).toBe(400)
  })

  it('neither counts nor logs the rows that it makes up', async () => {
    const before = serving.serving.metrics.snapshot().find(({ name }) => name === 'fivefold_rows_total')!
    const count = (family: typeof before): number =>
      family.series.find(({ values }) => values[0] === 'credit')!.numbers[0]!
    const rows = count(before)
    await post('/predict?explain=true', ROW)
    const after = serving.serving.metrics.snapshot().find(({ name }) => name === 'fivefold_rows_total')!
    expect(count(after)).toBe(rows + 1)
  })

  it.each([
    ['/predict?explain=maybe', ROW, 400, 'REQUEST_INVALID'],
    ['/predict?explain=true&class=perhaps', ROW, 400, 'REQUEST_INVALID'],
    ['/predict?explain=true', new Array(101).fill(ROW), 413, 'REQUEST_TOO_LARGE'],
    ['/models/doubling/predict?explain=true', { x: 1 }, 422, 'EXPLANATION_UNAVAILABLE'],
    ['/models/half_plus_two/predict?explain=true', { inputs: { x: [1] } }, 422, 'EXPLANATION_UNAVAILABLE'],
    ['/models/moody/predict?explain=true', ROW, 422, 'EXPLANATION_UNAVAILABLE'],
  ])('%s is refused where it has no answer', async (url, body, status, code) => {
    const reply = await post(url, body)
    expect([reply.statusCode, reply.json().error.code]).toEqual([status, code])
  })

  it('is answered in JSON alone', async () => {
    expect((await post('/predict?explain=true', ROW, { accept: 'text/csv' })).statusCode).toBe(406)
  })
})

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'fivefold-explain-'))
  return { path: join(folder, 'model'), [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

describe('a bundle', () => {
  const columns = ['celsius', 'wind'].map(
    (name) => ({ name, type: 'number', tensor: 'double', nullable: true }) as const,
  )

  /** As cold as it feels: celsius less half of the wind. */
  async function writeChill(path: string, sampled = ['celsius', 'wind']): Promise<void> {
    const graph = createGraphBuilder({ name: 'chill' })
    const [celsius, wind] = columns.map(({ name, tensor }) => graph.input(name, tensor, ['N', 1]))
    const half = graph.constant({ type: 'double', shape: [1], data: Float64Array.of(0.5) })
    const felt = graph.node('Sub', [celsius!, graph.node('Mul', [wind!, half])])
    graph.output('prediction', graph.node('Cast', [felt], { to: { int: 1 } }), 'float', ['N', 1])
    const problem = { task: 'regression', target: 'felt', metric: 'rmse', metricReason: '', classes: [] } as const
    const known = columns.filter(({ name }) => sampled.includes(name))
    const schema = { columns: known.map((column) => ({ ...column, evidence: 'declared' })) }
    await writeBundle(path, {
      model: graph.build(),
      manifest: {
        ...{ name: 'chill', inputs: [...columns], features: [], estimator: { name: 'formula', params: {} } },
        ...{ threshold: null, limits: [], metrics: { protocol: 'none', values: {} } },
        problem: { ...problem, classes: [], criteria: [], constraints: {}, protectedColumns: [] },
        outputs: [{ name: 'prediction', type: 'float' }],
        lineage: { dataHash: '', rows: 0, split: '', seed: 0, configHash: '', codeCommit: null, packages: {} },
      },
      reference: { frame: selectColumns(frameOf({ celsius: [0, 10, 20], wind: [4, 8, 0] }), sampled), schema },
      modelCard: '',
    })
  }

  async function explain(path: string, row: object): Promise<{ statusCode: number; json: () => never }> {
    const repository = createModelRepository({ context: createContext() })
    await repository.load({ path })
    const { app, stop } = await createServingApp({ repository, context: createContext() })
    const reply = await app.inject({ method: 'POST', url: '/predict?explain=true', payload: row })
    await stop()
    return reply as never
  }

  it('brings the rows that an explained one is compared with', async () => {
    await using folder = await temporaryFolder()
    await writeChill(folder.path)
    const reply = await explain(folder.path, { celsius: 30, wind: 10 })
    const explanation = { value: 25, baseValue: 8, contributions: { celsius: 20, wind: -3 } }
    expect(reply.json()).toMatchObject({
      explanation: { backgroundRows: 3 },
      predictions: [{ prediction: 25, explanation }],
    })
  })

  it('cannot be explained where its sample lacks a column, nor where it says nothing finite', async () => {
    await using folder = await temporaryFolder()
    for (const [sampled, row] of [
      [['celsius'], { celsius: 30, wind: 10 }],
      [['celsius', 'wind'], { celsius: null, wind: 10 }],
    ] as const) {
      await writeChill(folder.path, [...sampled])
      const reply = await explain(folder.path, row)
      expect([reply.statusCode, reply.json()]).toMatchObject([422, { error: { code: 'EXPLANATION_UNAVAILABLE' } }])
    }
  })
})
