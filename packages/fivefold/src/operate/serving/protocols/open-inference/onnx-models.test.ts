import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createContext } from '../../../../core/index.ts'
import { createTypedGraph, type ElementType, encodeModel, floats } from '../../../../onnx/index.ts'
import { createModelRepository, type OwnedRepository } from '../../runtime/create-repository.ts'
import { createServingApp, type ServingApp } from '../../server/serving-app.ts'

const TYPES: readonly (readonly [string, ElementType, string])[] = [
  ['BOOL', 'bool', '[true,false]'],
  ['UINT8', 'uint8', '[0,255]'],
  ['UINT16', 'uint16', '[0,65535]'],
  ['UINT32', 'uint32', '[0,4294967295]'],
  ['UINT64', 'uint64', '[0,18446744073709551615]'],
  ['INT8', 'int8', '[-128,127]'],
  ['INT16', 'int16', '[-32768,32767]'],
  ['INT32', 'int32', '[-2147483648,2147483647]'],
  ['INT64', 'int64', '[-9223372036854775808,9223372036854775807]'],
  ['FP16', 'float16', '[0.5,-65504]'],
  ['FP32', 'float', '[0.5,-16777216]'],
  ['FP64', 'double', '[0.1,-1.7976931348623157e+308]'],
  ['BYTES', 'string', '["Köln",""]'],
]

let folder = ''
let repository: OwnedRepository
let serving: ServingApp
let app: FastifyInstance
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-oip-'))
  for (const [datatype, type] of TYPES) await writeFile(join(folder, `same-${datatype}.onnx`), identity(type))
  for (const [version, factor] of Object.entries({ 1: 10, 2: 20 })) {
    await mkdir(join(folder, 'scaled', version), { recursive: true })
    await writeFile(join(folder, 'scaled', version, 'model.onnx'), scaling(factor))
  }
  await writeFile(join(folder, 'normalised.onnx'), normalising())
  repository = createModelRepository({ context: createContext() })
  for (const [datatype] of TYPES) await repository.load({ path: join(folder, `same-${datatype}.onnx`) })
  for (const version of ['1', '2']) await repository.load({ path: join(folder, 'scaled'), version })
  await repository.load({ path: join(folder, 'normalised.onnx') })
  serving = await createServingApp({ repository, context: createContext(), limits: { rows: 100 } })
  app = serving.app
})
afterAll(async () => {
  await serving.stop()
  await rm(folder, { recursive: true })
})

function identity(type: ElementType): Uint8Array {
  const graph = createTypedGraph({ name: 'same' })
  graph.output('y', graph.node('Identity', [graph.input('x', type, ['rows', 1, 2])]))
  return encodeModel(graph.build())
}

function scaling(factor: number): Uint8Array {
  const graph = createTypedGraph({ name: 'scaled' })
  const scaled = graph.node('Mul', [
    graph.input('x', 'float', ['rows', 2, 3]),
    graph.initializer('f', floats([factor])),
  ])
  graph.output('y', scaled)
  graph.output('negative', graph.node('Neg', [scaled]))
  return encodeModel(graph.build())
}

/** Softmax over the rows of a request: what a row gets depends on the others. */
function normalising(): Uint8Array {
  const graph = createTypedGraph({ name: 'normalised' })
  graph.output('y', graph.node('Softmax', [graph.input('x', 'float', ['rows', 1])], { axis: { int: 0 } }))
  return encodeModel(graph.build())
}

const infer = (model: string, payload: string | Buffer, headers: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url: `/v2/models/${model}/infer`,
    headers: { 'content-type': 'application/json', ...headers },
    payload,
  })

const binaryInfer = (model: string, head: string, bytes: Buffer) =>
  infer(model, Buffer.concat([Buffer.from(head), bytes]), {
    'inference-header-content-length': String(Buffer.byteLength(head)),
  })

describe('tensors of any ONNX model', () => {
  it.each(TYPES)('keep every value of %s, in JSON and in binary', async (datatype, _type, data) => {
    const answer = await infer(
      `same-${datatype}`,
      `{"inputs":[{"name":"x","shape":[1,1,2],"datatype":"${datatype}","data":${data}}]}`,
    )
    expect(answer.body).toContain(`"datatype":"${datatype}","shape":[1,1,2],"data":${data}}`)
    const asBinary = await infer(
      `same-${datatype}`,
      `{"inputs":[{"name":"x","shape":[1,1,2],"datatype":"${datatype}","data":${data}}],"parameters":{"binary_data_output":true}}`,
    )
    const bytes = asBinary.rawPayload.subarray(Number(asBinary.headers['inference-header-content-length']))
    const head = `{"inputs":[{"name":"x","shape":[1,1,2],"datatype":"${datatype}","parameters":{"binary_data_size":${bytes.length}}}]}`
    expect((await binaryInfer(`same-${datatype}`, head, bytes)).body).toContain(`"data":${data}}`)
  })

  it('take data flat and nested, answer versions by name, and only the outputs that are asked for', async () => {
    const [flat, nested] = ['[1,2,3,4,5,6]', '[[[1,2,3],[4,5,6]]]']
    for (const [version, factor] of [
      ['1', 10],
      ['2', 20],
    ] as const)
      for (const data of [flat, nested]) {
        const body = `{"inputs":[{"name":"x","shape":[1,2,3],"datatype":"FP32","data":${data}}],"outputs":[{"name":"y"}]}`
        const answer = (await infer(`scaled/versions/${version}`, body)).json()
        expect([answer.model_version, answer.outputs.length, answer.outputs[0].data[5]]).toEqual([
          version,
          1,
          6 * factor,
        ])
      }
    expect((await app.inject('/v2/models/scaled')).json()).toEqual({
      name: 'scaled',
      versions: ['1', '2'],
      platform: 'onnx_onnxv1',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2, 3] }],
      outputs: [
        { name: 'y', datatype: 'FP32', shape: [-1, 2, 3] },
        { name: 'negative', datatype: 'FP32', shape: [-1, 2, 3] },
      ],
    })
  })

  it('reads floats of seventeen digits and integers of nineteen in one message', async () => {
    const body =
      '{"id":"12345678901234567","inputs":[{"name":"x","shape":[1,1,2],"datatype":"FP64","data":[0.30000000000000004,12345678901234567]}]}'
    expect((await infer('same-FP64', body)).json().outputs[0].data).toEqual([0.30000000000000004, 12345678901234568])
  })

  it('shares runs only where rows do not influence each other', async () => {
    const one = (value: number) => `{"inputs":[{"name":"x","shape":[1,1],"datatype":"FP32","data":[${value}]}]}`
    const answers = await Promise.all([1, 5, 9].map((value) => infer('normalised', one(value))))
    expect(answers.map((answer) => answer.json().outputs[0].data)).toEqual([[1], [1], [1]])
    expect(repository.endpoint('normalised').model.isBatched).toBe(false)
    expect(repository.endpoint('scaled').model.isBatched).toBe(true)
  })

  it('answers POST /models/{model}/predict with named tensors', async () => {
    const ask = (inputs: object) =>
      app.inject({
        method: 'POST',
        url: '/models/scaled/predict',
        headers: { 'content-type': 'application/json' },
        payload: JSON.stringify({ inputs }),
      })
    const reply = await ask({
      x: [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
    })
    expect(reply.json().outputs.y).toEqual({ shape: [1, 2, 3], data: [20, 40, 60, 80, 100, 120] })
    expect((await ask({ x: [[1, 2, 3]] })).statusCode).toBe(422)
    expect((await ask({ z: [1] })).json().error.code).toBe('MODEL_INPUT')
    expect(
      (
        await ask({
          x: [
            [
              [1, 2, 3],
              [4, 5],
            ],
          ],
        })
      ).statusCode,
    ).toBe(400)
  })

  it('lists what is loaded, and loads nothing where management is not allowed', async () => {
    const index = (await app.inject({ method: 'POST', url: '/v2/repository/index' })).json()
    expect(index.filter(({ name }: { name: string }) => name === 'scaled')).toEqual([
      { name: 'scaled', version: '1', state: 'READY', reason: '' },
      { name: 'scaled', version: '2', state: 'READY', reason: '' },
    ])
    for (const action of ['load', 'unload'])
      expect((await app.inject({ method: 'POST', url: `/v2/repository/models/scaled/${action}` })).statusCode).toBe(400)
  })
})

describe('hostile tensors', () => {
  const body = (changes: object): string =>
    JSON.stringify({
      inputs: [{ name: 'x', shape: [1, 2, 3], datatype: 'FP32', data: [1, 2, 3, 4, 5, 6], ...changes }],
    })
  it.each<[string, string, number]>([
    ['a negative size', body({ shape: [-1, 2, 3] }), 400],
    ['sizes whose product passes 2^53', body({ shape: [2 ** 30, 2 ** 30, 3] }), 400],
    ['sizes whose product wraps round 2^64 to 6', body({ shape: [2 ** 32, 2 ** 32, 6] }), 400],
    ['a size that is no safe integer', body({ shape: [2 ** 53, 2, 3] }), 400],
    ['a size as text', body({ shape: ['1', 2, 3] }), 400],
    ['a shape of a thousand axes', body({ shape: new Array(1000).fill(1) }), 400],
    ['more elements than are sent', body({ shape: [50, 2, 3] }), 400],
    ['more memory than there is', body({ shape: [2 ** 40, 2, 3] }), 400],
    ['another rank', body({ shape: [6] }), 400],
    ['another width', body({ shape: [1, 3, 2] }), 400],
    ['more rows than allowed', body({ shape: [101, 2, 3], data: new Array(606).fill(0) }), 413],
    ['no rows', body({ shape: [0, 2, 3], data: [] }), 400],
    [
      'data of ragged nesting',
      body({
        data: [
          [
            [1, 2, 3],
            [4, 5],
          ],
        ],
      }),
      400,
    ],
    ['an object as data', body({ data: { 0: 1 } }), 400],
    ['another datatype', body({ datatype: 'FP64' }), 400],
    ['parameters that are a list', body({ parameters: [] }), 400],
  ])('are refused in the form of the protocol: %s', async (_what, payload, status) => {
    const reply = await infer('scaled', payload)
    expect([reply.statusCode, typeof reply.json().error]).toEqual([status, 'string'])
  })

  it('are refused in binary, whatever sizes they claim', async () => {
    const size = fc.oneof(fc.integer({ min: -5, max: 40 }), fc.maxSafeInteger(), fc.double())
    const shape = fc.array(fc.oneof(fc.nat(4), size), { maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(shape, size, fc.uint8Array({ maxLength: 40 }), async (claimed, bytes, content) => {
        const input = { name: 'x', shape: claimed, datatype: 'FP32', parameters: { binary_data_size: bytes } }
        const reply = await binaryInfer('scaled', JSON.stringify({ inputs: [input] }), Buffer.from(content))
        const fits = String(claimed) === '1,2,3' && bytes === 24 && content.length === 24
        expect([400, 413].includes(reply.statusCode) || fits).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})
