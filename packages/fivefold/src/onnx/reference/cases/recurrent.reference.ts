import type { Attributes } from '../../graph/attribute.ts'
import type { TensorLiteral } from '../../tensor.ts'
import {
  attributes,
  type OperatorCase,
  type OperatorCases,
  of,
  operatorCase,
  spread,
} from './operator-case.reference.ts'

const TIME = 4
const BATCH = 2
const INPUT = 3
const HIDDEN = 2

interface Layer {
  readonly gates: number
  /** Hidden state, and for LSTM the cell. */
  readonly states: number
}

interface Options {
  readonly directions?: number
  readonly hasBias?: boolean
  readonly hasState?: boolean
  readonly hasPeepholes?: boolean
  readonly lengths?: readonly number[]
  readonly more?: Attributes
  readonly outputs?: number
  /** Functions with kinks are compared, not differentiated. */
  readonly differentiable?: readonly number[]
}

function layer({ gates, states }: Layer, name: string, options: Options = {}): OperatorCase {
  const d = options.directions ?? 1
  const state = (): TensorLiteral | undefined => (options.hasState ? spread([d, BATCH, HIDDEN], -1, 1) : undefined)
  const inputs: (TensorLiteral | undefined)[] = [
    spread([TIME, BATCH, INPUT], -1, 1),
    spread([d, gates * HIDDEN, INPUT], -1, 1),
    spread([d, gates * HIDDEN, HIDDEN], -1, 1),
    options.hasBias === false ? undefined : spread([d, 2 * gates * HIDDEN], -0.5, 0.5),
    options.lengths && of('int32', [BATCH], ...options.lengths),
    ...Array.from({ length: states }, state),
    options.hasPeepholes ? spread([d, 3 * HIDDEN], -1, 1) : undefined,
  ]
  while (inputs.at(-1) === undefined) inputs.pop()
  return operatorCase(name, inputs, {
    attributes: { ...attributes({ hidden_size: HIDDEN }), ...options.more },
    outputs: options.outputs ?? 1 + states,
    ...(options.differentiable ? { differentiable: options.differentiable } : {}),
  })
}

const direction = (name: string): Attributes => ({ direction: { string: name } })

/** What every kind of layer has. */
const common = (kind: Layer): OperatorCases => [
  layer(kind, 'forward'),
  layer(kind, 'no bias', { hasBias: false }),
  layer(kind, 'reverse', { more: direction('reverse'), hasState: true }),
  layer(kind, 'both directions', { more: direction('bidirectional'), directions: 2 }),
  layer(kind, 'both directions with state', { more: direction('bidirectional'), directions: 2, hasState: true }),
  layer(kind, 'with state', { hasState: true }),
  layer(kind, 'lengths', { lengths: [4, 2], hasState: true }),
  layer(kind, 'lengths, both directions', { lengths: [3, 4], more: direction('bidirectional'), directions: 2 }),
  layer(kind, 'one output', { outputs: 1 }),
  layer(kind, 'clipped', { more: { clip: { float: 0.4 } }, differentiable: [] }),
]

const LSTM = { gates: 4, states: 2 }
const GRU = { gates: 3, states: 1 }
const RNN = { gates: 1, states: 1 }

export const RECURRENT_CASES = {
  LSTM: [
    ...common(LSTM),
    layer(LSTM, 'peepholes', { hasPeepholes: true, hasState: true }),
    layer(LSTM, 'coupled gates', { more: attributes({ input_forget: 1 }) }),
    layer(LSTM, 'other activations', {
      more: {
        activations: { strings: ['HardSigmoid', 'Softsign', 'Tanh'] },
        activation_alpha: { floats: [0.3] },
        activation_beta: { floats: [0.4] },
      },
      differentiable: [],
    }),
  ],
  GRU: [
    ...common(GRU),
    layer(GRU, 'reset behind the matrix', { more: attributes({ linear_before_reset: 1 }) }),
    layer(GRU, 'reset behind the matrix, both directions', {
      more: { ...attributes({ linear_before_reset: 1 }), ...direction('bidirectional') },
      directions: 2,
      hasState: true,
    }),
  ],
  RNN: [
    ...common(RNN),
    layer(RNN, 'relu', { more: { activations: { strings: ['Relu'] } } }),
    layer(RNN, 'leaky relu', {
      more: { activations: { strings: ['LeakyRelu'] }, activation_alpha: { floats: [0.2] } },
    }),
  ],
} satisfies Record<string, OperatorCases>
