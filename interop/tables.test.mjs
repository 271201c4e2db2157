/** Rows as pyarrow writes them, answers as pyarrow reads them, explanations held against the shap package, answers in a real Redis. */
import { strict as assert } from 'node:assert'
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { workFolder } from './harness.mjs'

const load = (path) => import(pathToFileURL(join(process.env.FIVEFOLD_REPOSITORY, 'packages/fivefold/dist', path)).href)
const { writeBundle } = await load('bundle/index.js')
const { createContext, createRng } = await load('core/index.js')
const { frameOf } = await load('data/index.js')
const { createGraphBuilder } = await load('onnx/index.js')
const { serveModels } = await load('operate/index.js')

const folder = workFolder()
const REDIS = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'

const column = (name, type, tensor) => ({ name, type, tensor, nullable: true })

/** A bundle that predicts a number by a formula. */
async function bundle(name, columns, reference, formula) {
  const graph = createGraphBuilder({ name })
  const number = (value) => graph.constant({ type: 'double', shape: [1], data: Float64Array.of(value) })
  const inputs = columns.map((one) => graph.input(one.name, one.tensor, ['N', 1]))
  const node = (op, ...values) => graph.node(op, values)
  const result = formula({ graph, node, number }, ...inputs)
  graph.output('prediction', graph.node('Cast', [result], { to: { int: 1 } }), 'float', ['N', 1])
  const lineage = {
    dataHash: 'none',
    rows: 0,
    split: 'none',
    seed: 0,
    configHash: 'none',
    codeCommit: null,
    packages: {},
  }
  const problem = { task: 'regression', target: 'y', metric: 'rmse', metricReason: '', classes: [], criteria: [] }
  const manifest = {
    ...{ name, inputs: columns, features: [], estimator: { name: 'formula', params: {} }, threshold: null, lineage },
    problem: { ...problem, constraints: {}, protectedColumns: [] },
    outputs: [{ name: 'prediction', type: 'float' }],
    metrics: { protocol: 'not measured', values: {} },
    limits: [],
  }
  const schema = { columns: columns.map((one) => ({ ...one, evidence: 'declared' })) }
  const parts = { model: graph.build(), manifest, reference: { frame: frameOf(reference), schema }, modelCard: '' }
  await writeBundle(join(folder, 'models', name), parts)
}

const present = ({ node, number }, value, instead) => node('Where', node('IsNaN', value), number(instead), value)

/** Ten a room, five more in the south, and the milliseconds of the date in thousands of millions. */
const homes = () =>
  bundle(
    'homes',
    [
      column('rooms', 'number', 'double'),
      column('district', 'category', 'string'),
      column('built', 'datetime', 'double'),
    ],
    { rooms: [1, 2], district: ['north', 'süd'], built: [0, 1e12] },
    (build, rooms, district, built) => {
      const south = build.graph.node(
        'LabelEncoder',
        [district],
        { keys_strings: { strings: ['süd'] }, values_floats: { floats: [5] }, default_float: { float: 0 } },
        { domain: 'ai.onnx.ml' },
      )
      const ten = build.node('Mul', present(build, rooms, 3), build.number(10))
      const age = build.node('Div', present(build, built, 0), build.number(1e9))
      return build.node('Add', build.node('Add', ten, age), build.graph.node('Cast', [south], { to: { int: 11 } }))
    },
  )

const NAMES = ['a', 'b', 'c', 'd', 'e']
const rng = createRng(7)
/** As many rows as explanations compare with, so that both sides compare with the same. */
const REFERENCE = Object.fromEntries(NAMES.map((name) => [name, Array.from({ length: 80 }, () => rng.int(9) - 4)]))

const crossed = () =>
  bundle(
    'crossed',
    NAMES.map((name) => column(name, 'number', 'double')),
    REFERENCE,
    ({ node }, a, b, c, d, e) => node('Add', node('Mul', node('Mul', a, b), node('Relu', c)), node('Max', d, e)),
  )

/** Rooms, district and date of the rows that the session sends, by the formula. */
const EXPECTED = [
  10 + Date.UTC(2000, 0, 1) / 1e9,
  20 + Date.UTC(1970, 0, 1, 12) / 1e9,
  30,
  40 + 5 + Date.UTC(1950, 5, 1) / 1e9,
  50,
]

let server
let found
before(async () => {
  await homes()
  await crossed()
  const models = ['homes', 'crossed'].map((name) => ({ path: join(folder, 'models', name) }))
  server = await serveModels({ models, context: createContext() })
  const rows = REFERENCE.a.map((_, row) => NAMES.map((name) => REFERENCE[name][row]).join(','))
  const background = join(folder, 'background.csv')
  writeFileSync(background, `${NAMES.join(',')}\n${rows.join('\n')}\n`)
  const script = fileURLToPath(new URL('python/table_session.py', import.meta.url))
  // The server answers in this process, which therefore must not wait.
  const run = promisify(execFile)(process.env.FIVEFOLD_PYTHON, [script, server.url, background], { timeout: 240_000 })
  found = JSON.parse((await run).stdout)
})
after(() => server?.close())

describe('tables of pyarrow', () => {
  it('get the same answers in every type and form', () => {
    assert.ok(Object.keys(found.answers).length > 30)
    for (const [name, answers] of Object.entries(found.answers))
      assert.deepEqual(
        [name, answers.map(({ prediction }) => prediction)],
        [name, EXPECTED.map((value) => Math.fround(value))],
      )
  })

  it('hold the answers that are asked for in their form', () => {
    for (const [form, { prediction }] of Object.entries(found.read))
      assert.deepEqual([form, prediction], [form, [10, 20, 30]])
  })
})

describe('the shap package', () => {
  it('finds the same contributions, within their standard errors', async () => {
    const rows = REFERENCE.a
      .slice(0, 5)
      .map((_, row) => Object.fromEntries(NAMES.map((name) => [name, REFERENCE[name][row]])))
    const reply = await fetch(`${server.url}/models/crossed/predict?explain=true`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rows }),
    })
    const { predictions, explanation } = await reply.json()
    assert.equal(explanation.backgroundRows, 80)
    predictions.forEach(({ explanation: { baseValue, contributions, standardErrors } }, row) => {
      assert.ok(Math.abs(baseValue - found.explanations.base[row]) < 1e-5)
      NAMES.forEach((name, at) => {
        const difference = Math.abs(contributions[name] - found.explanations.values[row][at])
        assert.ok(
          difference < 4 * standardErrors[name] + 1e-5,
          `row ${row}, ${name}: ${difference} beside ${standardErrors[name]}`,
        )
      })
    })
  })
})

describe('Redis', () => {
  it('keeps answers for another server', async () => {
    const path = join(folder, 'models', 'homes')
    const servers = await Promise.all(
      [1, 2].map(() =>
        serveModels({ models: [{ path }], redisCache: { url: REDIS, ttlSeconds: 60 }, context: createContext() }),
      ),
    )
    // A question that no earlier run has asked.
    const body = JSON.stringify({ rooms: 5, district: randomUUID() })
    const ask = async ({ url }) => {
      const reply = await fetch(`${url}/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      return (await reply.json()).predictions[0].prediction
    }
    const hits = async ({ url }) => {
      const text = await (await fetch(`${url}/metrics`)).text()
      return Number(/fivefold_cache_requests_total\{[^}]*result="hit"\} (\d+)/.exec(text)?.[1] ?? 0)
    }
    try {
      const deadline = Date.now() + 10_000
      while ((await hits(servers[1])) === 0) {
        assert.ok(Date.now() < deadline, `no answer came from ${REDIS}`)
        for (const one of servers) assert.equal(await ask(one), 50)
      }
    } finally {
      for (const one of servers) await one.close()
    }
  })
})
