import {
  attributes,
  integers,
  ints,
  type OperatorCase,
  type OperatorCases,
  of,
  operatorCase,
  spread,
} from './operator-case.reference.ts'

type Settings = Readonly<Record<string, number | readonly number[] | string>>

const conv = (
  name: string,
  x: readonly number[],
  w: readonly number[],
  settings: Settings = {},
  hasBias = true,
): OperatorCase => {
  const outputs = w[0]!
  return operatorCase(name, [spread(x), spread(w, -1, 1), ...(hasBias ? [spread([outputs])] : [])], {
    attributes: attributes(settings),
  })
}

const convTranspose = (
  name: string,
  x: readonly number[],
  w: readonly number[],
  settings: Settings = {},
  hasBias = true,
): OperatorCase => {
  const outputs = w[1]! * Number(settings.group ?? 1)
  return operatorCase(name, [spread(x), spread(w, -1, 1), ...(hasBias ? [spread([outputs])] : [])], {
    attributes: attributes(settings),
  })
}

/** Windows that pools of any kind take. */
const POOLS: readonly (readonly [name: string, x: readonly number[], settings: Settings])[] = [
  ['2 x 2', [2, 2, 4, 6], { kernel_shape: [2, 2], strides: [2, 2] }],
  ['3 x 3 padded', [1, 2, 5, 5], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
  ['overlapping', [1, 2, 5, 4], { kernel_shape: [3, 2] }],
  ['1-D', [2, 2, 7], { kernel_shape: [3], strides: [2] }],
  ['3-D', [1, 2, 4, 4, 4], { kernel_shape: [2, 2, 2], strides: [2, 2, 2] }],
  ['ceil', [1, 1, 5, 6], { kernel_shape: [2, 3], strides: [2, 2], ceil_mode: 1 }],
  ['ceil padded', [1, 1, 6, 6], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1 }],
  ['dilated', [1, 2, 7, 7], { kernel_shape: [3, 2], dilations: [2, 3] }],
  ['same, odd behind', [1, 1, 5, 6], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' }],
  ['same, odd before', [1, 1, 5, 6], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: 'SAME_LOWER' }],
  ['valid', [1, 1, 5, 6], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: 'VALID' }],
]

const pools = (more: Settings = {}, except: readonly string[] = []): OperatorCase[] =>
  POOLS.filter(([name]) => !except.includes(name)).map(([name, x, settings]) =>
    operatorCase([name, ...Object.keys(more)].join(', '), [spread(x)], {
      attributes: attributes({ ...settings, ...more }),
    }),
  )

const global = (): OperatorCases => [
  operatorCase('2-D', [spread([2, 3, 4, 4])]),
  operatorCase('1-D', [spread([2, 3, 5])]),
]

const floats = (values: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(values).map(([name, float]) => [name, { float }]))

const batchNorm = (x: readonly number[]) => {
  const c = [x[1]!]
  return [spread(x), spread(c, 0.5, 1.5), spread(c), spread(c, -0.5, 0.5), spread(c, 0.5, 1.5)]
}

const groupNorm = (opset: number): OperatorCase[] => {
  const size = (groups: number, channels: number): readonly number[] => [opset >= 21 ? channels : groups]
  const of = (name: string, x: readonly number[], num_groups: number, epsilon?: number): OperatorCase =>
    operatorCase(
      `${name}, opset ${opset}`,
      [spread(x), spread(size(num_groups, x[1]!), 0.5, 1.5), spread(size(num_groups, x[1]!))],
      {
        attributes: { ...attributes({ num_groups }), ...(epsilon ? floats({ epsilon }) : {}) },
        opset,
      },
    )
  return [of('two groups', [2, 4, 3, 3], 2), of('one group', [2, 4, 5], 1), of('a channel each', [1, 3, 2, 2], 3, 1e-3)]
}

const rms = (opset: number, outputs: number): OperatorCases => [
  operatorCase('last axis', [spread([2, 3, 4]), spread([4], 0.5, 1.5)], { opset, outputs }),
  operatorCase('two axes', [spread([2, 3, 4]), spread([3, 4], 0.5, 1.5)], {
    attributes: { ...attributes({ axis: 1 }), ...floats({ epsilon: 1e-3 }) },
    opset,
  }),
]

const reductionsOf = (
  name: string,
  inputs: () => ReturnType<typeof spread>[],
  more: Settings = {},
  outputs = 1,
): OperatorCase[] =>
  ['mean', 'sum', 'none'].map((reduction) =>
    operatorCase(`${name}, ${reduction}`, inputs(), {
      attributes: attributes({ ...more, reduction }),
      differentiable: [0],
      outputs,
    }),
  )

export const NETWORK_CASES = {
  Conv: [
    conv('3 x 3 padded', [2, 3, 5, 5], [4, 3, 3, 3], { pads: [1, 1, 1, 1] }),
    conv('no bias', [1, 2, 5, 4], [3, 2, 3, 2], {}, false),
    conv('strides', [2, 2, 6, 7], [3, 2, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }),
    conv('strides that leave a rest', [1, 2, 6, 8], [3, 2, 3, 3], { strides: [2, 3] }),
    conv('1 x 1', [2, 4, 3, 3], [5, 4, 1, 1]),
    conv('1 x 1 with strides', [1, 3, 5, 5], [2, 3, 1, 1], { strides: [2, 2] }),
    conv('dilated', [1, 2, 7, 7], [2, 2, 3, 3], { dilations: [2, 2], pads: [2, 2, 2, 2] }),
    conv('groups', [2, 4, 5, 5], [6, 2, 3, 3], { group: 2, pads: [1, 1, 1, 1] }),
    conv('depthwise', [2, 3, 5, 5], [3, 1, 3, 3], { group: 3, pads: [1, 1, 1, 1] }),
    conv('depthwise with strides', [1, 4, 6, 6], [4, 1, 3, 3], { group: 4, strides: [2, 2], pads: [1, 1, 1, 1] }),
    conv('depthwise, more outputs', [1, 2, 5, 5], [6, 1, 3, 3], { group: 2 }, false),
    conv('one-sided pads', [1, 2, 4, 5], [2, 2, 3, 2], { pads: [2, 0, 0, 1] }),
    conv('1-D', [2, 3, 8], [4, 3, 3], { pads: [1, 1] }),
    conv('1-D causal, dilated', [1, 2, 8], [3, 2, 2], { pads: [2, 0], dilations: [2] }),
    conv('3-D', [1, 2, 3, 4, 4], [2, 2, 2, 3, 3], { pads: [0, 1, 1, 0, 1, 1] }),
    conv('3-D with strides', [1, 2, 4, 5, 4], [2, 2, 2, 3, 2], { strides: [2, 2, 1] }),
    conv('same, odd behind', [1, 2, 5, 6], [2, 2, 2, 3], { auto_pad: 'SAME_UPPER', strides: [2, 2] }),
    conv('same, odd before', [1, 2, 5, 6], [2, 2, 2, 3], { auto_pad: 'SAME_LOWER' }),
    conv('valid', [1, 2, 5, 6], [2, 2, 2, 3], { auto_pad: 'VALID' }),
  ],
  ConvTranspose: [
    convTranspose('doubled', [2, 3, 3, 4], [3, 2, 2, 2], { strides: [2, 2] }),
    convTranspose('no bias', [1, 2, 4, 4], [2, 3, 3, 3], {}, false),
    convTranspose('padded', [1, 2, 4, 4], [2, 3, 3, 3], {
      strides: [2, 2],
      pads: [1, 1, 1, 1],
      output_padding: [1, 1],
    }),
    convTranspose('groups', [1, 4, 3, 3], [4, 2, 3, 3], { group: 2, pads: [1, 1, 1, 1] }),
    convTranspose('depthwise', [1, 3, 3, 3], [3, 1, 2, 2], { group: 3, strides: [2, 2] }),
    convTranspose('dilated', [1, 2, 3, 3], [2, 2, 2, 2], { dilations: [2, 2] }),
    convTranspose('output shape', [1, 2, 3, 3], [2, 2, 3, 3], { strides: [2, 2], output_shape: [6, 6] }),
    convTranspose('1-D', [2, 3, 5], [3, 2, 4], { strides: [2], pads: [1, 1] }),
    convTranspose('3-D', [1, 2, 2, 3, 2], [2, 2, 2, 2, 2], { strides: [2, 2, 2] }),
    convTranspose('same', [1, 2, 3, 3], [2, 2, 3, 3], { strides: [2, 2], auto_pad: 'SAME_UPPER' }),
  ],
  MaxPool: [
    operatorCase('default', [spread([1, 1, 4, 4])], { attributes: attributes({ kernel_shape: [2, 2] }) }),
    ...pools(),
    operatorCase('with places', [spread([2, 2, 4, 4])], {
      attributes: attributes({ kernel_shape: [2, 2], strides: [2, 2] }),
      outputs: 2,
    }),
    operatorCase('with places, columns first', [spread([1, 2, 4, 6])], {
      attributes: attributes({ kernel_shape: [2, 2], strides: [2, 2], storage_order: 1 }),
      outputs: 2,
    }),
    operatorCase('negative and padded', [spread([1, 1, 4, 4], -3, -1)], {
      attributes: attributes({ kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
    }),
    operatorCase('equal ones', [of('float', [1, 1, 2, 4], 0, 0, 1, 2, 0, 0, 2, 2)], {
      attributes: attributes({ kernel_shape: [2, 2], strides: [2, 2] }),
      outputs: 2,
      differentiable: [],
    }),
  ],
  AveragePool: [
    operatorCase('default', [spread([1, 1, 4, 4])], { attributes: attributes({ kernel_shape: [2, 2] }) }),
    ...pools(),
    ...pools({ count_include_pad: 1 }),
  ],
  LpPool: [
    operatorCase('default', [spread([1, 1, 4, 4])], { attributes: attributes({ kernel_shape: [2, 2] }) }),
    ...pools(),
    operatorCase('p = 3', [spread([1, 2, 4, 4])], { attributes: attributes({ kernel_shape: [2, 2], p: 3 }) }),
  ],
  GlobalAveragePool: global(),
  GlobalMaxPool: global(),
  BatchNormalization: [
    operatorCase('running moments', batchNorm([2, 3, 4, 4])),
    operatorCase('of vectors', batchNorm([5, 3]), { attributes: floats({ epsilon: 1e-3 }) }),
    operatorCase('1-D', batchNorm([2, 3, 4])),
    operatorCase('moments of the batch', batchNorm([3, 2, 3, 3]), {
      attributes: { ...attributes({ training_mode: 1 }), ...floats({ momentum: 0.7 }) },
      outputs: 3,
      differentiable: [0, 1, 2],
    }),
    operatorCase('moments of a batch of vectors', batchNorm([6, 3]), {
      attributes: { ...attributes({ training_mode: 1 }), ...floats({ momentum: 0 }) },
      outputs: 3,
      differentiable: [0, 1, 2],
    }),
  ],
  InstanceNormalization: [
    operatorCase('2-D', [spread([2, 3, 4, 4]), spread([3], 0.5, 1.5), spread([3])]),
    operatorCase('1-D', [spread([2, 3, 5]), spread([3], 0.5, 1.5), spread([3])], {
      attributes: floats({ epsilon: 1e-3 }),
    }),
  ],
  GroupNormalization: [
    operatorCase('two groups', [spread([1, 4, 3]), spread([4], 0.5, 1.5), spread([4])], {
      attributes: attributes({ num_groups: 2 }),
      opset: 21,
    }),
    ...groupNorm(20),
    ...groupNorm(21),
  ],
  LayerNormalization: [
    operatorCase('last axis', [spread([2, 3, 4]), spread([4], 0.5, 1.5), spread([4])]),
    operatorCase('no shift', [spread([2, 3, 4]), spread([4], 0.5, 1.5)], { attributes: floats({ epsilon: 1e-3 }) }),
    operatorCase('two axes', [spread([2, 3, 4]), spread([3, 4], 0.5, 1.5), spread([3, 4])], {
      attributes: attributes({ axis: 1 }),
    }),
    operatorCase('with moments', [spread([4, 6]), spread([6], 0.5, 1.5), spread([6])], { outputs: 3 }),
  ],
  LpNormalization: [
    operatorCase('p = 2', [spread([3, 4])]),
    operatorCase('p = 1, axis 0', [spread([3, 4])], { attributes: attributes({ p: 1, axis: 0 }) }),
  ],
  RMSNormalization: rms(23, 1),
  Dropout: [
    operatorCase('inference', [spread([3, 4])]),
    operatorCase('with mask', [spread([3, 4]), of('float', [], 0.3)], { outputs: 2, differentiable: [0] }),
    operatorCase('training without dropping', [spread([3, 4]), of('float', [], 0), of('bool', [], 1)], {
      outputs: 2,
      differentiable: [0],
    }),
  ],
  SoftmaxCrossEntropyLoss: [
    operatorCase('default', [spread([4, 3]), integers([4], 0, 3)], { differentiable: [0] }),
    ...reductionsOf('classes', () => [spread([4, 3]), integers([4], 0, 3)]),
    ...reductionsOf('weights', () => [spread([4, 3]), integers([4], 0, 3), spread([3], 0.5, 1.5)]),
    ...reductionsOf('ignored', () => [spread([4, 3]), ints(0, 2, -100, 1)], { ignore_index: -100 }),
    ...reductionsOf('an ignored class', () => [spread([4, 3]), ints(0, 2, 1, 1), spread([3], 0.5, 1.5)], {
      ignore_index: 1,
    }),
    ...reductionsOf('space', () => [spread([2, 3, 2, 2]), integers([2, 2, 2], 0, 3)], {}, 2),
  ],
  NegativeLogLikelihoodLoss: [
    operatorCase('default', [spread([4, 3]), integers([4], 0, 3)], { differentiable: [0] }),
    ...reductionsOf('classes', () => [spread([4, 3]), integers([4], 0, 3)]),
    ...reductionsOf('weights', () => [spread([4, 3]), integers([4], 0, 3), spread([3], 0.5, 1.5)]),
    ...reductionsOf('ignored', () => [spread([2, 3, 4]), of('int64', [2, 4], 0, 2, 1, 1, 0, 1, 2, 2)], {
      ignore_index: 2,
    }),
  ],
  SimplifiedLayerNormalization: rms(20, 2),
} satisfies Record<string, OperatorCases>
