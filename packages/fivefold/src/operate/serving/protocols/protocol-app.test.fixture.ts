import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { createContext, FivefoldError } from '../../../core/index.ts'
import { createServerMetrics } from '../metrics/server-metrics.ts'
import type { Servable, TableFace, TensorSpec, Tensors } from '../model/servable.ts'
import { createRequestRecorder } from '../requests/request-recorder.ts'
import { checkFeeds, checkOutputs } from '../runtime/check-feeds.ts'
import type { ModelEndpoint, ModelRepository, ModelSource, ModelStatus } from '../runtime/model-repository.ts'
import type { ServingContext } from '../server/serving-context.ts'

/** A model whose function is written in TypeScript. */
export function servableOf(
  model: Pick<Servable, 'name' | 'inputs' | 'outputs'> & {
    readonly version?: string
    readonly isBatched?: boolean
    readonly table?: TableFace
    run(feeds: Tensors): Tensors | Promise<Tensors>
  },
): Servable {
  const close = async (): Promise<void> => {}
  return {
    version: '1',
    isBatched: true,
    ...model,
    run: async (feeds) => model.run(feeds),
    close,
    [Symbol.asyncDispose]: close,
  }
}

const spec = (name: string, type: TensorSpec['type'], ...shape: number[]): TensorSpec => ({ name, type, shape })

/** y = x / 2 + 2 for single numbers, as in the documentation of TensorFlow Serving. */
export const HALF_PLUS_TWO = servableOf({
  name: 'half_plus_two',
  version: '123',
  inputs: [spec('x', 'float', -1)],
  outputs: [spec('y', 'float', -1)],
  run: ({ x }) => ({
    y: { type: 'float', shape: x!.shape, data: Float32Array.from(x!.data as Float32Array, (v) => v / 2 + 2) },
  }),
})

/** Gives everything back: one input and output of each kind, of several ranks. */
export const ECHO = servableOf({
  name: 'echo',
  inputs: [
    spec('ids', 'int64', -1, 2),
    spec('name', 'string', -1),
    spec('ok', 'bool', -1, 1),
    spec('half', 'float16', -1),
  ],
  outputs: [
    spec('ids', 'int64', -1, 2),
    spec('name', 'string', -1),
    spec('name_bytes', 'string', -1),
    spec('ok', 'bool', -1, 1),
    spec('half', 'float16', -1),
  ],
  run: (feeds) => ({ ...feeds, name_bytes: feeds.name! }),
})

/** A bundle: the second class is as probable as `share`, and gets half of that where the colour is red. */
export const COLOURS = servableOf({
  name: 'colours',
  inputs: [spec('share', 'double', -1, 1), spec('colour', 'string', -1, 1)],
  outputs: [
    spec('label', 'string', -1, 1),
    spec('probability_no', 'float', -1, 1),
    spec('probability_yes', 'float', -1, 1),
  ],
  table: {
    columns: [
      { name: 'share', type: 'number', tensor: 'double', nullable: false },
      { name: 'colour', type: 'category', tensor: 'string', nullable: true },
    ],
    output: { task: 'classification', target: 'bought', classes: ['no', 'yes'] },
  },
  run: ({ share, colour }) => {
    const yes = Float32Array.from(share!.data as Float64Array, (value, i) =>
      colour!.data[i] === 'red' ? value / 2 : value,
    )
    const shape = [yes.length, 1]
    return {
      label: { type: 'string', shape, data: Array.from(yes, (p) => (p > 0.5 ? 'yes' : 'no')) },
      probability_no: { type: 'float', shape, data: yes.map((p) => 1 - p) },
      probability_yes: { type: 'float', shape, data: yes },
    }
  },
})

/** A bundle that predicts a number: twice the rooms. */
export const PRICES = servableOf({
  name: 'prices',
  inputs: [spec('rooms', 'int64', -1, 1)],
  outputs: [spec('prediction', 'float', -1, 1)],
  table: {
    columns: [{ name: 'rooms', type: 'integer', tensor: 'int64', nullable: false }],
    output: { task: 'regression', target: 'price' },
  },
  run: ({ rooms }) => ({
    prediction: {
      type: 'float',
      shape: rooms!.shape,
      data: Float32Array.from(rooms!.data as BigInt64Array, (n) => 2 * Number(n)),
    },
  }),
})

export interface TestRepository extends ModelRepository {
  readonly loaded: ModelSource[]
}

/** A repository of models that are there from the start; what `loadable` names by path can be loaded. */
export function repositoryOf(
  models: readonly Servable[],
  loadable: Readonly<Record<string, Servable>> = {},
): TestRepository {
  const held = [...models]
  const loaded: ModelSource[] = []
  const statusOf = ({ name, version }: Servable): ModelStatus => ({ name, version, state: 'ready' })
  const endpointOf = (model: Servable): ModelEndpoint => ({
    model,
    infer: async (feeds, { outputs, signal }) => {
      signal?.throwIfAborted()
      checkFeeds(feeds, model)
      checkOutputs(outputs ?? [], model)
      const answer = await model.run(feeds)
      return outputs ? Object.fromEntries(outputs.map((name) => [name, answer[name]!])) : answer
    },
  })
  const find = (name?: string, version?: string): Servable => {
    const found = held.findLast(
      (model) => (name ?? held[0]?.name) === model.name && (version ?? model.version) === model.version,
    )
    if (found) return found
    throw new FivefoldError(
      'MODEL_NOT_FOUND',
      `no model '${name}'${version === undefined ? '' : ` of version ${version}`}`,
    )
  }
  return {
    loaded,
    statuses: () => held.map(statusOf),
    endpoint: (name, version) => endpointOf(find(name, version)),
    load: async (source) => {
      const model = loadable[source.path]
      if (!model) throw new FivefoldError('MODEL_NOT_FOUND', `nothing at ${source.path}`)
      loaded.push(source)
      const named = { ...model, name: source.name ?? model.name, version: source.version ?? model.version }
      held.push(named)
      return statusOf(named)
    },
    unload: async (name, version) => {
      const found = find(name, version)
      held.splice(held.indexOf(found), 1)
    },
  }
}

/** A server's frame as it is around every protocol: bodies come as bytes, and schemas describe without checking. */
export async function protocolApp<Options extends ServingContext>(
  add: (app: FastifyInstance, options: Options) => Promise<void>,
  options: Omit<Options, keyof ServingContext> & Partial<ServingContext>,
  server: FastifyServerOptions = {},
): Promise<FastifyInstance> {
  const app = fastify({ bodyLimit: 4 * 1024 * 1024, ...server })
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => JSON.stringify)
  app.removeAllContentTypeParsers()
  const types = ['application/json', 'text/csv', 'application/octet-stream']
  app.addContentTypeParser(types, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  const metrics = createServerMetrics()
  const common: ServingContext = {
    repository: repositoryOf([HALF_PLUS_TWO, ECHO, COLOURS, PRICES]),
    limits: { rows: 100, bodyBytes: 4 * 1024 * 1024, timeoutMs: 5000 },
    metrics,
    requests: createRequestRecorder(metrics),
    context: createContext(),
    ready: () => true,
  }
  await app.register(add, { ...common, ...options } as Options)
  return app
}

/** Bodies that no model has a use for. Every protocol answers each with a status from 400 to 499. */
export const HOSTILE_BODIES: readonly string[] = [
  '',
  '{',
  'null',
  '[]',
  '{}',
  '"x"',
  '7',
  '{"instances":[],"inputs":[]}',
  '{"instances":{}}',
  '{"instances":[true]}',
  '{"instances":[{}]}',
  '{"instances":[{"b64":"%%%"}]}',
  '{"instances":[{"b64":"/w=="}]}',
  '{"instances":[[1,[2,3]]]}',
  '{"instances":[1,[2]]}',
  '{"instances":[[1],[2,3]]}',
  '{"instances":["a"]}',
  '{"instances":[{"__proto__":{"a":1}}]}',
  '{"instances":[{"constructor":{"prototype":{}}}]}',
  `{"instances":${'['.repeat(5000)}${']'.repeat(5000)}}`,
  `{"instances":[${'['.repeat(20)}${Array(50).fill('1').join(',')}${']'.repeat(20)},1]}`,
  `{"instances":[${Array(101).fill('1').join(',')}]}`,
  `{"instances":[${'{},'.repeat(400_000)}{}]}`,
  '{"inputs":{}}',
  '{"inputs":"x"}',
  '{"inputs":{"x":[[[[1]]]]}}',
  '{"inputs":[[1,2],[3]]}',
]
