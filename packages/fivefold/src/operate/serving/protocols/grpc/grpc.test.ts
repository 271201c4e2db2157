import { fileURLToPath } from 'node:url'
import {
  Client,
  type ClientUnaryCall,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceClientConstructor,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createContext, FivefoldError } from '../../../../core/index.ts'
import { ProtobufWriter } from '../../../../onnx/index.ts'
import { createServerMetrics } from '../../metrics/server-metrics.ts'
import { createRequestRecorder } from '../../requests/request-recorder.ts'
import type { InferOptions } from '../../runtime/model-repository.ts'
import type { ServingContext } from '../../server/serving-context.ts'
import {
  COLOURS,
  ECHO,
  HALF_PLUS_TWO,
  PRICES,
  repositoryOf,
  type TestRepository,
} from '../protocol-app.test.fixture.ts'
import { type RunningGrpcServer, serveGrpc } from './index.ts'

const proto = loadSync(fileURLToPath(new URL('inference.proto', import.meta.url)), {
  keepCase: true,
  longs: String,
  arrays: true,
  defaults: true,
})
const { inference } = loadPackageDefinition(proto) as unknown as {
  inference: { GRPCInferenceService: ServiceClientConstructor }
}

type Answer = Record<string, unknown> & { outputs?: { name: string; contents: Record<string, unknown[]> }[] }

interface Talk {
  readonly repository: TestRepository
  readonly address: string
  call(method: string, request?: object, deadlineMs?: number): Promise<Answer>
  close(): Promise<void>
}

async function talk(changes: Partial<ServingContext> = {}): Promise<Talk> {
  const repository = repositoryOf([HALF_PLUS_TWO, ECHO, COLOURS, PRICES])
  const metrics = createServerMetrics()
  const server: RunningGrpcServer = await serveGrpc({
    repository,
    limits: { rows: 100, bodyBytes: 1024 * 1024, timeoutMs: 5000 },
    metrics,
    requests: createRequestRecorder(metrics),
    context: createContext(),
    ready: () => true,
    host: '127.0.0.1',
    port: 0,
    ...changes,
  })
  const address = `127.0.0.1:${server.port}`
  const client = new inference.GRPCInferenceService(address, credentials.createInsecure())
  return {
    repository,
    address,
    call: (method, request = {}, deadlineMs = 5000) =>
      new Promise((resolve, reject) => {
        const send = client[method]!.bind(client) as (
          request: object,
          options: object,
          done: (error: ServiceError | null, answer: Answer) => void,
        ) => ClientUnaryCall
        send(request, { deadline: Date.now() + deadlineMs }, (error, answer) =>
          error ? reject(error) : resolve(answer),
        )
      }),
    close: async () => {
      client.close()
      await server.close()
    },
  }
}

let ours: Talk
beforeAll(async () => {
  ours = await talk()
})
afterAll(() => ours.close())

const floatBytes = (...values: number[]): Buffer => Buffer.from(Float32Array.from(values).buffer)
const textBytes = (...texts: string[]): Buffer =>
  Buffer.concat(
    texts.map((text) => {
      const bytes = Buffer.alloc(4 + Buffer.byteLength(text))
      bytes.writeUInt32LE(Buffer.byteLength(text))
      bytes.write(text, 4)
      return bytes
    }),
  )

const halfRequest = (shape: (number | string)[], changes: object = {}): object => ({
  model_name: 'half_plus_two',
  inputs: [{ name: 'x', datatype: 'FP32', shape }],
  ...changes,
})

describe('questions', () => {
  it('about the server', async () => {
    expect(await ours.call('ServerLive')).toEqual({ live: true })
    expect(await ours.call('ServerReady')).toEqual({ ready: true })
    expect(await ours.call('ServerMetadata')).toMatchObject({ name: 'fivefold', extensions: [] })
  })

  it('about models', async () => {
    expect(await ours.call('ModelReady', { name: 'half_plus_two' })).toEqual({ ready: true })
    expect(await ours.call('ModelReady', { name: 'half_plus_two', version: '9' })).toEqual({ ready: false })
    expect(await ours.call('ModelMetadata', { name: 'half_plus_two' })).toEqual({
      name: 'half_plus_two',
      versions: ['123'],
      platform: 'onnx_onnxv1',
      inputs: [{ name: 'x', datatype: 'FP32', shape: ['-1'] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: ['-1'] }],
    })
  })

  it('about health, as Kubernetes asks', async () => {
    const client = new Client(ours.address, credentials.createInsecure())
    const identity = (bytes: Buffer): Buffer => bytes
    const answer = await new Promise((resolve, reject) =>
      client.makeUnaryRequest('/grpc.health.v1.Health/Check', identity, identity, Buffer.alloc(0), (error, bytes) =>
        error ? reject(error) : resolve(bytes),
      ),
    )
    expect(answer).toEqual(Buffer.of(0x08, 1))
    client.close()
  })

  it('are answered with no where the server is not ready', async () => {
    const starting = await talk({ ready: () => false })
    expect(await starting.call('ServerReady')).toEqual({ ready: false })
    expect(await starting.call('ModelReady', { name: 'half_plus_two' })).toEqual({ ready: false })
    await starting.close()
  })
})

describe('ModelInfer', () => {
  it('answers raw tensors with raw tensors', async () => {
    const answer = await ours.call(
      'ModelInfer',
      halfRequest([3], { id: 'a1', raw_input_contents: [floatBytes(1, 2, 5)] }),
    )
    expect(answer).toMatchObject({ model_name: 'half_plus_two', model_version: '123', id: 'a1' })
    expect(answer.outputs).toMatchObject([{ name: 'y', datatype: 'FP32', shape: ['3'], contents: null }])
    expect(answer.raw_output_contents).toEqual([floatBytes(2.5, 3, 4.5)])
  })

  it('answers typed tensors with typed tensors', async () => {
    const inputs = [{ name: 'x', datatype: 'FP32', shape: [2], contents: { fp32_contents: [1, 2] } }]
    const answer = await ours.call('ModelInfer', { model_name: 'half_plus_two', inputs })
    expect(answer.raw_output_contents).toEqual([])
    expect(answer.outputs![0]!.contents.fp32_contents).toEqual([2.5, 3])
  })

  const echoInputs = [
    { name: 'ids', datatype: 'INT64', shape: [1, 2] },
    { name: 'name', datatype: 'BYTES', shape: [1] },
    { name: 'ok', datatype: 'BOOL', shape: [1, 1] },
    { name: 'half', datatype: 'FP16', shape: [1] },
  ]

  it('keeps 64-bit integers, texts and halves exact', async () => {
    const raw = [
      Buffer.from(BigInt64Array.of(2n ** 62n + 1n, -1n).buffer),
      textBytes('äß'),
      Buffer.of(1),
      Buffer.of(0, 0x38),
    ]
    const answer = await ours.call('ModelInfer', { model_name: 'echo', inputs: echoInputs, raw_input_contents: raw })
    const [ids, name, ok, half] = raw
    expect(answer.raw_output_contents).toEqual([ids, name, name, ok, half])
  })

  it('computes the outputs that are asked for, in their order', async () => {
    const raw = [Buffer.alloc(16), textBytes('a'), Buffer.of(1), Buffer.of(0, 0)]
    const outputs = [{ name: 'ok' }, { name: 'name' }]
    const answer = await ours.call('ModelInfer', {
      model_name: 'echo',
      inputs: echoInputs,
      outputs,
      raw_input_contents: raw,
    })
    expect(answer.outputs!.map(({ name }) => name)).toEqual(['ok', 'name'])
    expect(answer.raw_output_contents).toEqual([Buffer.of(1), textBytes('a')])
  })

  it('takes columns of bundles in any datatype that holds them, and missing ones as missing', async () => {
    const inputs = [{ name: 'share', datatype: 'FP32', shape: [2, 1], contents: { fp32_contents: [0.75, 0.25] } }]
    const answer = await ours.call('ModelInfer', { model_name: 'colours', inputs })
    expect(answer.outputs!.map(({ contents }) => contents)).toMatchObject([
      { bytes_contents: [Buffer.from('yes'), Buffer.from('no')] },
      { fp32_contents: [0.25, 0.75] },
      { fp32_contents: [0.75, 0.25] },
    ])
    const rooms = [{ name: 'rooms', datatype: 'INT32', shape: [1], contents: { int_contents: [-3] } }]
    const priced = await ours.call('ModelInfer', { model_name: 'prices', inputs: rooms })
    expect(priced.outputs![0]!.contents.fp32_contents).toEqual([-6])
  })
})

const { INVALID_ARGUMENT, NOT_FOUND, RESOURCE_EXHAUSTED, UNIMPLEMENTED, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE } =
  status
const typed = (datatype: string, contents: object, shape: (number | string)[] = [1]): object => ({
  model_name: 'half_plus_two',
  inputs: [{ name: 'x', datatype, shape, contents }],
})

describe('mistakes', () => {
  it.each([
    ['unknown model', { model_name: 'none' }, NOT_FOUND, /none/],
    ['unknown version', halfRequest([1], { model_version: '9', raw_input_contents: [floatBytes(1)] }), NOT_FOUND, /9/],
    [
      'unknown output',
      halfRequest([1], { outputs: [{ name: 'z' }], raw_input_contents: [floatBytes(1)] }),
      INVALID_ARGUMENT,
      /'z'/,
    ],
    ['no elements', halfRequest([1]), INVALID_ARGUMENT, /'x'/],
    ['negative size', halfRequest(['-1'], { raw_input_contents: [floatBytes(1)] }), INVALID_ARGUMENT, /negative/],
    [
      'overflowing size',
      halfRequest(['4611686018427387904', 4], { raw_input_contents: [floatBytes(1)] }),
      INVALID_ARGUMENT,
      /too large/,
    ],
    [
      'huge shape',
      halfRequest([2147483647, 2147483647], { raw_input_contents: [floatBytes(1)] }),
      INVALID_ARGUMENT,
      /4 bytes/,
    ],
    ['huge typed shape', typed('FP32', { fp32_contents: [1] }, [2147483647]), INVALID_ARGUMENT, /do not fill/],
    [
      'empty times huge',
      halfRequest([0, 2147483647], { raw_input_contents: [Buffer.alloc(0)] }),
      INVALID_ARGUMENT,
      /shape/,
    ],
    [
      'too many dimensions',
      halfRequest(Array(40).fill(1), { raw_input_contents: [floatBytes(1)] }),
      INVALID_ARGUMENT,
      /dimensions/,
    ],
    ['too few bytes', halfRequest([2], { raw_input_contents: [floatBytes(1)] }), INVALID_ARGUMENT, /4 bytes for 2/],
    [
      'raw and typed',
      { ...typed('FP32', { fp32_contents: [1] }), raw_input_contents: [floatBytes(1)] },
      INVALID_ARGUMENT,
      /both/,
    ],
    ['wrong contents', typed('FP32', { fp64_contents: [1] }), INVALID_ARGUMENT, /another datatype/],
    ['too many contents', typed('FP32', { fp32_contents: [1, 2] }), INVALID_ARGUMENT, /do not fill/],
    ['wrong datatype', typed('FP64', { fp64_contents: [1] }), INVALID_ARGUMENT, /takes float, got double/],
    ['unknown datatype', typed('FP8', {}), INVALID_ARGUMENT, /FP8/],
    ['typed half', typed('FP16', { fp32_contents: [1] }), INVALID_ARGUMENT, /raw_input_contents only/],
    ['byte beyond', typed('INT8', { int_contents: [200] }), INVALID_ARGUMENT, /element 0 is beyond int8/],
    ['negative unsigned', typed('UINT8', { uint_contents: [256] }), INVALID_ARGUMENT, /beyond uint8/],
    [
      'input twice',
      halfRequest([1], { inputs: Array(2).fill({ name: 'x', datatype: 'FP32', shape: [0] }) }),
      INVALID_ARGUMENT,
      /twice/,
    ],
    [
      'too many rows',
      {
        model_name: 'prices',
        inputs: [{ name: 'rooms', datatype: 'INT64', shape: [101] }],
        raw_input_contents: [Buffer.alloc(808)],
      },
      RESOURCE_EXHAUSTED,
      /101 rows/,
    ],
    [
      'too many bytes',
      halfRequest([1], { raw_input_contents: [Buffer.alloc(1024 * 1024 + 1)] }),
      RESOURCE_EXHAUSTED,
      /larger than/,
    ],
    [
      'text that is none',
      {
        model_name: 'colours',
        inputs: [{ name: 'colour', datatype: 'BYTES', shape: [1], contents: { bytes_contents: [Buffer.of(0xff)] } }],
      },
      INVALID_ARGUMENT,
      /UTF-8/,
    ],
    [
      'missing column',
      {
        model_name: 'colours',
        inputs: [{ name: 'colour', datatype: 'BYTES', shape: [1], contents: { bytes_contents: [Buffer.from('red')] } }],
      },
      INVALID_ARGUMENT,
      /share/,
    ],
    [
      'raw text that is none',
      {
        model_name: 'colours',
        inputs: [{ name: 'colour', datatype: 'BYTES', shape: [1] }],
        raw_input_contents: [Buffer.from([1, 0, 0, 0, 255])],
      },
      INVALID_ARGUMENT,
      /element 0 is not UTF-8/,
    ],
    [
      'length beyond',
      {
        model_name: 'colours',
        inputs: [{ name: 'colour', datatype: 'BYTES', shape: [1] }],
        raw_input_contents: [Buffer.from([255, 255, 255, 255])],
      },
      INVALID_ARGUMENT,
      /beyond its bytes/,
    ],
  ])('%s', async (_what, request, code, message) => {
    await expect(ours.call('ModelInfer', request)).rejects.toMatchObject({
      code,
      details: expect.stringMatching(message),
    })
  })

  it('of the server keep their reasons to its log', async () => {
    const failing = { ...HALF_PLUS_TWO, run: () => Promise.reject(new Error('secret /path')) }
    const broken = await talk({ repository: repositoryOf([failing]) })
    const request = halfRequest([1], { raw_input_contents: [floatBytes(1)] })
    await expect(broken.call('ModelInfer', request)).rejects.toMatchObject({
      code: INTERNAL,
      details: expect.not.stringMatching(/secret/),
    })
    await broken.close()
  })

  it('never break the server, whatever the bytes', async () => {
    const client = new Client(ours.address, credentials.createInsecure())
    const identity = (bytes: Buffer): Buffer => bytes
    const send = (bytes: Buffer): Promise<number> =>
      new Promise((resolve) =>
        client.makeUnaryRequest('/inference.GRPCInferenceService/ModelInfer', identity, identity, bytes, (error) =>
          resolve(error?.code ?? 0),
        ),
      )
    const valid = Buffer.from(
      new ProtobufWriter()
        .textField(1, 'half_plus_two')
        .messageField(5, new ProtobufWriter().textField(1, 'x').textField(2, 'FP32').packedVarintsField(3, [1]))
        .bytesField(7, floatBytes(1))
        .finish(),
    )
    expect(await send(valid)).toBe(0)
    const damage = fc.tuple(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 }))
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), fc.nat(valid.length), async (changes, cut) => {
        const bytes = Buffer.from(valid)
        for (const [at, value] of changes) bytes[at] = value
        expect([0, INVALID_ARGUMENT, NOT_FOUND]).toContain(await send(bytes))
        expect([0, INVALID_ARGUMENT, NOT_FOUND]).toContain(await send(bytes.subarray(0, cut)))
      }),
      { numRuns: 200 },
    )
    client.close()
  })
})

describe('deadlines and cancellation', () => {
  let waiting: Talk
  afterEach(() => waiting.close())

  it('take a request out of the queue', async () => {
    const repository = repositoryOf([HALF_PLUS_TWO])
    const left = new Promise<string>((resolve) => {
      const endpoint = repository.endpoint.bind(repository)
      repository.endpoint = (name, version) => ({
        ...endpoint(name, version),
        infer: (_feeds, { signal }: InferOptions) =>
          new Promise((_, reject) => {
            signal!.addEventListener('abort', () => {
              resolve('out of the queue')
              reject(new FivefoldError('CANCELLED', 'the caller went away'))
            })
          }),
      })
    })
    waiting = await talk({ repository })
    const request = halfRequest([1], { raw_input_contents: [floatBytes(1)] })
    await expect(waiting.call('ModelInfer', request, 50)).rejects.toMatchObject({ code: DEADLINE_EXCEEDED })
    expect(await left).toBe('out of the queue')
  })

  it('tell an overloaded server from a failed one', async () => {
    const repository = repositoryOf([HALF_PLUS_TWO])
    const endpoint = repository.endpoint.bind(repository)
    repository.endpoint = (name, version) => ({
      ...endpoint(name, version),
      infer: () => Promise.reject(new FivefoldError('SERVER_OVERLOADED', 'too much is waiting')),
    })
    waiting = await talk({ repository })
    const request = halfRequest([1], { raw_input_contents: [floatBytes(1)] })
    await expect(waiting.call('ModelInfer', request)).rejects.toMatchObject({ code: UNAVAILABLE })
  })
})

describe('what goes along with a call', () => {
  it('reaches the model, and what the model says of its answer comes back', async () => {
    const repository = repositoryOf([HALF_PLUS_TWO])
    const endpoint = repository.endpoint.bind(repository)
    const seen: InferOptions[] = []
    repository.endpoint = (name, version) => {
      const { model, infer } = endpoint(name, version)
      return {
        model,
        infer: (feeds, options) => {
          seen.push(options)
          options.annotate?.('x-variant', 'b')
          return infer(feeds, options)
        },
      }
    }
    const annotated = await talk({ repository })
    const client = new inference.GRPCInferenceService(annotated.address, credentials.createInsecure())
    const metadata = new Metadata()
    metadata.set('X-User', 'ada')
    metadata.set('x-request-id', 'r-1')
    metadata.set('some-bin', Buffer.of(1))
    const request = halfRequest([1], { raw_input_contents: [floatBytes(1)] })
    const said = await new Promise<Metadata>((resolve, reject) => {
      const call = client.ModelInfer!(request, metadata, (error: ServiceError | null) => error && reject(error))
      call.on('metadata', resolve)
    })
    expect(said.get('x-variant')).toEqual(['b'])
    expect(said.get('x-request-id')).toEqual(['r-1'])
    expect(seen[0]).toMatchObject({ requestId: 'r-1', headers: { 'x-user': 'ada' } })
    expect(seen[0]!.headers).not.toHaveProperty('some-bin')
    client.close()
    await annotated.close()
  })
})

describe('management', () => {
  it('is not there unless it is allowed', async () => {
    await expect(ours.call('RepositoryIndex')).rejects.toMatchObject({ code: UNIMPLEMENTED })
    await expect(ours.call('RepositoryModelUnload', { model_name: 'echo' })).rejects.toMatchObject({
      code: UNIMPLEMENTED,
    })
  })

  it('lists, loads and unloads models', async () => {
    const asked: string[] = []
    const repository = repositoryOf([HALF_PLUS_TWO, ECHO, COLOURS, PRICES])
    const management = {
      load: async (name: string) => void asked.push(name),
      unload: (name: string) => repository.unload(name),
      loadable: async () => ['other'],
    }
    const managed = await talk({ management, repository })
    expect((await managed.call('RepositoryIndex')).models).toContainEqual({
      name: 'echo',
      version: '1',
      state: 'READY',
      reason: '',
    })
    await managed.call('RepositoryModelLoad', { model_name: 'other' })
    expect(asked).toEqual(['other'])
    await managed.call('RepositoryModelUnload', { model_name: 'half_plus_two' })
    await expect(managed.call('RepositoryModelUnload', { model_name: 'none' })).rejects.toMatchObject({
      code: NOT_FOUND,
    })
    await managed.close()
  })
})

describe('a port that is taken', () => {
  it('is told as such', async () => {
    const port = Number(ours.address.split(':')[1])
    await expect(talk({ port } as Partial<ServingContext>)).rejects.toMatchObject({ code: 'PORT_IN_USE' })
  })
})
