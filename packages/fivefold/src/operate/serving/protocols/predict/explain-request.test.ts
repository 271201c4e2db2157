import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createContext } from '../../../../core/index.ts'
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
