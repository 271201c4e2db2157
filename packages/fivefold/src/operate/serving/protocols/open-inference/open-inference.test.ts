import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { createContext } from '../../../../core/index.ts'
import { creditModel, doublingModel } from '../../model/servable.test.fixture.ts'
import type { Servable } from '../../model/servable.ts'
import { createModelRepository } from '../../runtime/create-repository.ts'
import { createServingApp } from '../../server/serving-app.ts'

const opened: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0)) await close()
})

async function appOf(model: Servable): Promise<FastifyInstance> {
  const context = createContext()
  const repository = createModelRepository({ context })
  await repository.add(model)
  const { app, stop } = await createServingApp({ repository, context })
  opened.push(stop)
  return app
}

const infer = (app: FastifyInstance, body: unknown, url = '/v2/models/credit/infer') =>
  app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  })

const tensor = (name: string, datatype: string, data: readonly unknown[], shape = [data.length, 1]) => ({
  name,
  shape,
  datatype,
  data,
})
const inputs = [
  tensor('age', 'FP64', [40, null]),
  tensor('children', 'INT64', [[2], [0]]),
  tensor('job', 'BYTES', ['nurse', ''], [2]),
  tensor('owner', 'BOOL', [true, false]),
]

describe('metadata and health', () => {
  it('describes server and model as the protocol says', async () => {
    const app = await appOf(creditModel())
    expect((await app.inject('/v2')).json()).toEqual({
      name: 'fivefold',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      extensions: ['binary_tensor_data', 'model_repository'],
    })
    expect((await app.inject('/v2/health/live')).json()).toEqual({ live: true })
    expect((await app.inject('/v2/health/ready')).json()).toEqual({ ready: true })
    const model = {
      name: 'credit',
      versions: ['3'],
      platform: 'onnx_onnxv1',
      inputs: [
        { name: 'age', datatype: 'FP64', shape: [-1, 1] },
        { name: 'children', datatype: 'INT64', shape: [-1, 1] },
        { name: 'job', datatype: 'BYTES', shape: [-1, 1] },
        { name: 'owner', datatype: 'BOOL', shape: [-1, 1] },
        { name: 'since', datatype: 'FP64', shape: [-1, 1] },
      ],
      outputs: [
        { name: 'label', datatype: 'BYTES', shape: [-1, 1] },
        { name: 'probability_no', datatype: 'FP32', shape: [-1, 1] },
        { name: 'probability_yes', datatype: 'FP32', shape: [-1, 1] },
      ],
    }
    for (const path of ['/v2/models/credit', '/v2/models/credit/versions/3'])
      expect((await app.inject(path)).json()).toEqual(model)
    for (const path of ['/v2/models/credit/ready', '/v2/models/credit/versions/3/ready'])
      expect((await app.inject(path)).json()).toEqual({ name: 'credit', ready: true })
  })

  it.each(['/v2/models/other', '/v2/models/credit/versions/9/ready', '/v2/nowhere', '/v2/models/__proto__'])(
    'answers 404 for %s',
    async (path) => {
      const reply = await (await appOf(creditModel())).inject(path)
      expect([reply.statusCode, Object.keys(reply.json())]).toEqual([404, ['error']])
    },
  )
})

describe('POST infer', () => {
  it('takes flat and nested data, missing tensors and nulls, and echoes id and parameters', async () => {
    const model = creditModel()
    const app = await appOf(model)
    const reply = await infer(app, { id: 'r7', parameters: { priority: 3 }, inputs })
    expect(reply.json()).toEqual({
      model_name: 'credit',
      model_version: '3',
      id: 'r7',
      parameters: { priority: 3 },
      outputs: [
        { name: 'label', datatype: 'BYTES', shape: [2, 1], data: ['yes', 'yes'] },
        { name: 'probability_no', datatype: 'FP32', shape: [2, 1], data: [0.6875, 0.5] },
        { name: 'probability_yes', datatype: 'FP32', shape: [2, 1], data: [0.3125, 0.5] },
      ],
    })
    expect(model.runs[0]!.columns.get('since')).toEqual({
      kind: 'number',
      values: Float64Array.of(Number.NaN, Number.NaN),
    })
  })

  it('answers the requested outputs alone, in their order', async () => {
    const outputs = [{ name: 'probability_yes' }, { name: 'label' }]
    const reply = await infer(await appOf(creditModel()), { inputs, outputs }, '/v2/models/credit/versions/3/infer')
    expect(reply.json().outputs.map(({ name }: { name: string }) => name)).toEqual(['probability_yes', 'label'])
    expect(reply.json()).not.toHaveProperty('id')
  })

  it('coerces between datatypes where nothing is lost', async () => {
    const model = creditModel()
    const app = await appOf(model)
    const coerced = [
      tensor('age', 'INT32', [40, 41]),
      tensor('children', 'FP32', [2, 3]),
      '{"name":"job","shape":[2],"datatype":"INT64","data":[9223372036854775807,-9007199254740993]}',
      tensor('owner', 'UINT8', [1, 0]),
      tensor('since', 'BYTES', ['2020-02-29', '1970-01-02 00:00:00']),
    ]
    const text = coerced.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join(',')
    const reply = await infer(app, `{"inputs":[${text}],"parameters":{"seed":18446744073709551615}}`)
    expect(reply.body).toContain('"parameters":{"seed":18446744073709551615}')
    expect(model.runs[0]!.columns.get('job')).toMatchObject({
      dictionary: ['9223372036854775807', '-9007199254740993'],
    })
    expect(model.runs[0]!.columns.get('since')).toMatchObject({
      values: Float64Array.of(Date.UTC(2020, 1, 29), 86_400_000),
    })
  })

  it('reads NaN and Infinity as Python writes them: missing', async () => {
    const app = await appOf(doublingModel())
    const body = '{"inputs":[{"name":"x","shape":[4],"datatype":"FP64","data":[NaN,Infinity,-Infinity,2]}]}'
    const reply = await infer(app, body, '/v2/models/doubling/infer')
    expect(reply.json().outputs[0].data).toEqual([null, null, null, 4])
  })

  it('says of numbers that no column holds what they are', async () => {
    const inputs = (data: string): string =>
      `{"inputs":[{"name":"age","datatype":"FP64","shape":[1],"data":[1]},
        {"name":"children","datatype":"${data.startsWith('9') ? 'INT64' : 'FP64'}","shape":[1],"data":[${data}]},
        {"name":"owner","datatype":"BOOL","shape":[1],"data":[true]}]}`
    const errorOf = async (data: string) => (await infer(await appOf(creditModel()), inputs(data))).json().error
    expect(await errorOf('9223372036854775807')).toBe("row 0, 'children': 9223372036854775807 is beyond ±2^53")
    expect(await errorOf('1e309')).toBe(
      "row 0, 'children': Infinity counts as missing, and the model takes no missing int64",
    )
    expect(await errorOf('NaN')).toMatch(/NaN counts as missing/)
  })

  it('rounds FP32 as the sender did', async () => {
    const model = creditModel()
    await infer(await appOf(model), { inputs: [tensor('age', 'FP32', [0.1]), ...singles] })
    expect(model.runs[0]!.columns.get('age')).toEqual({ kind: 'number', values: Float64Array.of(Math.fround(0.1)) })
  })

  const singles = [tensor('children', 'INT64', [1]), tensor('owner', 'BOOL', [true])]
  const age = (changes: object) => ({ inputs: [{ ...tensor('age', 'FP64', [1]), ...changes }, ...singles] })
  it.each<[string, unknown]>([
    ['no JSON', '{"inputs":'],
    ['no inputs', { inputs: [] }],
    ['a list', []],
    ['a negative dimension', age({ shape: [-1, 1] })],
    ['a dimension that is no integer', age({ shape: [1.5] })],
    [
      'a dimension beyond 2^53',
      `{"inputs":[{"name":"age","datatype":"FP64","shape":[99999999999999999999],"data":[1]}]}`,
    ],
    ['dimensions whose product overflows', age({ shape: [1, 4294967296, 4294967296] })],
    ['zero rows', age({ shape: [0, 1], data: [] })],
    ['no shape', age({ shape: [] })],
    ['too much data', age({ data: [1, 2] })],
    ['data nested otherwise than the shape', age({ shape: [1, 1], data: [[1, 2]] })],
    ['data nested too deep', age({ data: [[[1]]] })],
    ['data that is no list', age({ data: 'abc' })],
    ['no data', age({ data: undefined })],
    ['a datatype that is none', age({ datatype: 'FP128' })],
    ['a datatype of the prototype', age({ datatype: 'constructor' })],
    ['a text as a float', age({ data: ['1'] })],
    ['an element beyond its datatype', age({ datatype: 'INT8', data: [128] })],
    ['a fraction as an integer', age({ datatype: 'INT64', data: [1.5] })],
    ['tensors of other lengths', age({ shape: [2], data: [1, 2] })],
    ['a tensor given twice', { inputs: [...age({}).inputs, ...singles] }],
    ['an unknown tensor', { inputs: [...age({}).inputs, tensor('agee', 'FP64', [1])] }],
    ['a needed tensor left out', { inputs: [tensor('age', 'FP64', [1])] }],
    [
      'an INT64 that a column cannot hold',
      `{"inputs":[{"name":"children","datatype":"INT64","shape":[1],"data":[9007199254740993]},${JSON.stringify(singles[1])}]}`,
    ],
    ['an unknown output', { ...age({}), outputs: [{ name: 'logits' }] }],
    ['binary data that is not there', age({ data: undefined, parameters: { binary_data_size: 8 } })],
    ['a prototype key', '{"inputs":[],"__proto__":{}}'],
  ])('refuses %s with 400', async (_what, body) => {
    const reply = await infer(await appOf(creditModel()), body)
    expect(reply.statusCode).toBe(400)
    expect(Object.keys(reply.json())).toEqual(['error'])
    expect(reply.json().error).toEqual(expect.any(String))
  })
})

describe('the binary tensor extension', () => {
  /** Little-endian tensors after their JSON, as Triton's clients send them. */
  const binaryBody = (extra: object, last = Buffer.alloc(0)) => {
    const job = Buffer.concat([Buffer.from([5, 0, 0, 0]), Buffer.from('nurse'), Buffer.from([0, 0, 0, 0])])
    const tensors: [string, string, Buffer][] = [
      ['age', 'FP16', Buffer.from([0x00, 0x51, 0x00, 0x7e])],
      ['children', 'INT64', Buffer.from(BigInt64Array.of(2n, 0n).buffer)],
      ['job', 'BYTES', job],
      ['owner', 'BOOL', Buffer.from([1, 0])],
    ]
    const described = tensors.map(([name, datatype, bytes]) => ({
      name,
      datatype,
      shape: [2, 1],
      parameters: { binary_data_size: bytes.length },
    }))
    const head = Buffer.from(JSON.stringify({ inputs: described, ...extra }))
    return { head, payload: Buffer.concat([head, ...tensors.map(([, , bytes]) => bytes), last]) }
  }
  const send = (app: FastifyInstance, payload: Buffer, headerLength: string) =>
    app.inject({
      method: 'POST',
      url: '/v2/models/credit/infer',
      headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': headerLength },
      payload,
    })

  it('reads binary tensors and writes the outputs that are asked for in binary', async () => {
    const model = creditModel()
    const app = await appOf(model)
    const outputs = [{ name: 'probability_yes', parameters: { binary_data: true } }, { name: 'label' }]
    const { head, payload } = binaryBody({ outputs })
    const reply = await send(app, payload, String(head.length))
    expect(reply.headers['content-type']).toBe('application/octet-stream')
    const length = Number(reply.headers['inference-header-content-length'])
    const json = JSON.parse(reply.rawPayload.subarray(0, length).toString())
    expect(json.outputs).toEqual([
      { name: 'probability_yes', datatype: 'FP32', shape: [2, 1], parameters: { binary_data_size: 8 } },
      { name: 'label', datatype: 'BYTES', shape: [2, 1], data: ['yes', 'yes'] },
    ])
    const floats = reply.rawPayload.subarray(length)
    expect([floats.readFloatLE(0), floats.readFloatLE(4)]).toEqual([0.3125, 0.5])
    expect(Object.fromEntries(model.runs[0]!.columns)).toMatchObject({
      age: { values: Float64Array.of(40, Number.NaN) },
      children: { values: Float64Array.of(2, 0) },
      job: { codes: Int32Array.of(0, -1), dictionary: ['nurse'] },
      owner: { values: Float64Array.of(1, 0) },
    })
  })

  it('reads a body without a content type, as the clients of Triton send it', async () => {
    const { head, payload } = binaryBody({})
    const headers = { 'inference-header-content-length': String(head.length) }
    const app = await appOf(creditModel())
    const reply = await app.inject({ method: 'POST', url: '/v2/models/credit/infer', headers, payload })
    expect(reply.json().outputs[0].data).toEqual(['yes', 'yes'])
  })

  it('writes every output in binary where the request says so', async () => {
    const { head, payload } = binaryBody({ parameters: { binary_data_output: true } })
    const reply = await send(await appOf(creditModel()), payload, String(head.length))
    const length = Number(reply.headers['inference-header-content-length'])
    expect(reply.rawPayload.subarray(length, length + 14).toString('latin1')).toBe('\x03\0\0\0yes\x03\0\0\0yes')
    expect(reply.rawPayload.length).toBe(length + 14 + 8 + 8)
  })

  it('refuses lengths that do not add up', async () => {
    const app = await appOf(creditModel())
    const { head, payload } = binaryBody({})
    for (const length of ['', '-1', 'x', '1e9', String(payload.length + 1), String(head.length - 1)])
      expect((await send(app, payload, length)).statusCode).toBe(400)
    expect((await send(app, payload.subarray(0, -1), String(head.length))).statusCode).toBe(400)
    expect((await send(app, binaryBody({}, Buffer.alloc(1)).payload, String(head.length))).statusCode).toBe(400)
  })
})
