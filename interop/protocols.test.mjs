/** The interfaces of other model servers, called by their clients and as their documentation calls them. */
import { strict as assert } from 'node:assert'
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createContext } from '../packages/fivefold/dist/core/index.js'
import { createGraphBuilder } from '../packages/fivefold/dist/onnx/index.js'
import { serveModels } from '../packages/fivefold/dist/operate/index.js'
import { workFolder } from './harness.mjs'
import { pythonEnvironment, suiteRequirements } from './python-environment.mjs'

const folder = join(workFolder(), 'models')
const { python, reason } = pythonEnvironment(suiteRequirements('requirements-triton.txt'))
if (reason) console.log(`SKIPPED: ${reason}`)

/** y = x / 2 + 2, the model of TensorFlow Serving's documentation, as version 123. */
function halfPlusTwo() {
  const graph = createGraphBuilder({ name: 'half_plus_two' })
  const scalar = (value) => graph.constant({ type: 'float', shape: [], data: Float32Array.of(value) })
  const half = graph.node('Mul', [graph.input('x', 'float', ['N']), scalar(0.5)])
  graph.output('y', graph.node('Add', [half, scalar(2)]), 'float', ['N'])
  return graph.build()
}

/** Gives back what it gets, of each kind of element. */
function echo() {
  const graph = createGraphBuilder({ name: 'echo' })
  for (const [name, type, shape] of [
    ['ids', 'int64', ['N', 2]],
    ['name', 'string', ['N']],
    ['ok', 'bool', ['N']],
    ['half', 'float16', ['N']],
  ])
    graph.output(`same_${name}`, graph.node('Identity', [graph.input(name, type, shape)]), type, shape)
  return graph.build()
}

let server
before(async () => {
  mkdirSync(join(folder, 'half_plus_two/123'), { recursive: true })
  mkdirSync(join(folder, 'mirror'))
  writeFileSync(join(folder, 'half_plus_two/123/model.onnx'), halfPlusTwo())
  writeFileSync(join(folder, 'mirror/model.onnx'), echo())
  server = await serveModels({ modelsDir: folder, allowManagement: true, grpcPort: 0, context: createContext() })
})
after(() => server?.close())

const ask = async (path, body, headers = {}) => {
  const method = body === undefined ? 'GET' : 'POST'
  const answer = await fetch(server.url + path, { method, body, headers })
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() }
}
const askJson = async (...request) => JSON.parse((await ask(...request)).text)

describe('the clients of Triton', { skip: reason ?? false }, () => {
  let found
  before(async () => {
    const script = fileURLToPath(new URL('python/triton_session.py', import.meta.url))
    const addresses = [`127.0.0.1:${server.grpcPort}`, `127.0.0.1:${server.port}`]
    const { stdout } = await promisify(execFile)(python, [script, ...addresses], { timeout: 120_000 })
    found = JSON.parse(stdout.trim().split('\n').at(-1))
  })

  for (const face of ['grpc', 'http'])
    it(`infer over ${face}, with every kind of element exact`, () => {
      const { live, ready, modelReady, y, echo: same } = found[face]
      assert.deepEqual({ live, ready, modelReady, y }, { live: true, ready: true, modelReady: true, y: [2.5, 3, 4.5] })
      // Python's integers are exact; JSON.parse rounds both sides alike.
      assert.deepEqual(same, {
        id: '7',
        ids: [
          [2 ** 62 + 1, -1],
          [0, 7],
        ],
        name: ['ä', ''],
        ok: [true, false],
        half: [0.5, -2],
      })
    })

  it('read errors with their status', () => {
    assert.equal(found.grpc.unknownModel[0], 'StatusCode.NOT_FOUND')
    assert.equal(found.grpc.wrongType[0], 'StatusCode.INVALID_ARGUMENT')
    assert.match(found.grpc.wrongType[1], /'x' takes float/)
    assert.equal(found.http.unknownModel[0], '404')
    assert.equal(found.http.wrongType[0], '400')
  })

  it('read metadata, and load and unload models over gRPC', () => {
    const { metadata, server: name, index, unloaded, loaded, notReady, together } = found.grpc
    assert.deepEqual(metadata, {
      name: 'half_plus_two',
      versions: ['123'],
      platform: 'onnx_onnxv1',
      inputs: [{ name: 'x', datatype: 'FP32', shape: ['-1'] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: ['-1'] }],
    })
    assert.deepEqual(
      { name, unloaded, loaded, notReady, together },
      { name: 'fivefold', unloaded: false, loaded: true, notReady: false, together: 50 },
    )
    assert.deepEqual([...index].sort(), ['half_plus_two', 'mirror'])
  })
})

describe("the requests of TensorFlow Serving's documentation", () => {
  it('predict in rows and columns', async () => {
    const predict = '/v1/models/half_plus_two:predict'
    assert.equal((await ask(predict, '{"instances": [1.0, 2.0, 5.0]}')).text, '{"predictions":[2.5,3.0,4.5]}')
    assert.deepEqual(await askJson(predict, '{"inputs": [1.0, 2.0, 5.0]}'), { outputs: [2.5, 3, 4.5] })
    const versioned = '/v1/models/half_plus_two/versions/123:predict'
    assert.equal((await ask(versioned, '{"instances": [NaN, -Infinity]}')).text, '{"predictions":[NaN,-Infinity]}')
  })

  it('ask for status and metadata', async () => {
    assert.deepEqual(await askJson('/v1/models/half_plus_two'), {
      model_version_status: [{ version: '123', state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' } }],
    })
    const { metadata, model_spec: spec } = await askJson('/v1/models/half_plus_two/versions/123/metadata')
    assert.deepEqual(spec, { name: 'half_plus_two', signature_name: '', version: '123' })
    assert.equal(metadata.signature_def.signature_def.serving_default.inputs.x.dtype, 'DT_FLOAT')
  })

  it('send bytes in base64', async () => {
    const row = { ids: [1, 2], name: { b64: 'w6Q=' }, ok: true, half: 0.5 }
    assert.deepEqual(await askJson('/v1/models/mirror:predict', JSON.stringify({ instances: [row] })), {
      predictions: [{ same_ids: [1, 2], same_name: 'ä', same_ok: true, same_half: 0.5 }],
    })
  })
})

describe('what SageMaker asks of a container', () => {
  const target = { 'x-amzn-sagemaker-target-model': 'half_plus_two' }

  it('is answered: ping, and invocations in three content types', async () => {
    assert.equal((await ask('/ping')).status, 200)
    const csv = await ask('/invocations', '1\n2\n', { ...target, 'content-type': 'text/csv' })
    assert.deepEqual([csv.type, csv.text], ['text/csv', '2.5\n3.0\n'])
    const lines = await ask('/invocations', '1\n2\n', { ...target, 'content-type': 'application/jsonlines' })
    assert.match(lines.type, /^application\/jsonlines/)
    assert.equal(lines.text, '2.5\n3.0\n')
    const json = { ...target, 'content-type': 'application/json', accept: 'application/json' }
    assert.deepEqual(await askJson('/invocations', '{"instances": [1, 2]}', json), { predictions: [2.5, 3] })
  })
})

describe('what TorchServe and Azure ML ask', () => {
  it('is answered', async () => {
    assert.deepEqual(await askJson('/ping'), { status: 'Healthy' })
    assert.equal((await ask('/predictions/half_plus_two/123', '7')).text, '5.5')
    const described = await askJson('/models/half_plus_two')
    assert.deepEqual([described[0].modelVersion, described[0].workers[0].status], ['123', 'READY'])
    assert.equal((await ask('/predictions/none', '7')).status, 404)
    // The default model is the first of the folder.
    assert.deepEqual(await askJson('/score', '{"data": [1]}'), [2.5])
    assert.equal((await ask('/')).text, 'Healthy')
  })
})
