import type { TensorLiteral } from '../../tensor.ts'
import {
  attributes,
  integers,
  ints,
  type OperatorCases,
  of,
  operatorCase,
  scalarInt,
  spread,
  truths,
} from './operator-case.reference.ts'

const TEXTS: TensorLiteral = { type: 'string', shape: [2, 2], data: ['a', 'b', 'c', 'd'] }

const reductions = (name: string, inputs: (reduction: string) => readonly TensorLiteral[], settings = {}) =>
  ['add', 'mul', 'min', 'max'].map((reduction) =>
    operatorCase(`${name}, ${reduction}`, inputs(reduction), { attributes: attributes({ ...settings, reduction }) }),
  )

export const MOVEMENT_CASES = {
  Reshape: [
    operatorCase('sizes', [spread([2, 6]), ints(3, 4)]),
    operatorCase('what remains', [spread([2, 6]), ints(0, -1, 2)]),
    operatorCase('no axes', [spread([1]), ints()]),
    operatorCase('zero allowed', [spread([0, 3]), ints(3, 0)], {
      attributes: attributes({ allowzero: 1 }),
      differentiable: [],
    }),
    operatorCase('texts', [TEXTS, ints(4)]),
  ],
  Flatten: [
    operatorCase('default', [spread([2, 3, 4])]),
    ...[0, 2, 3, -1].map((axis) =>
      operatorCase(`axis ${axis}`, [spread([2, 3, 4])], { attributes: attributes({ axis }) }),
    ),
  ],
  Squeeze: [
    operatorCase('all', [spread([1, 3, 1, 2])]),
    operatorCase('some', [spread([1, 3, 1, 2]), ints(-2)]),
    operatorCase('int64', [integers([1, 3], 0, 9), ints(0)]),
  ],
  Unsqueeze: [
    operatorCase('ends', [spread([3, 2]), ints(0, -1)]),
    operatorCase('middle', [spread([3, 2]), ints(1)]),
    operatorCase('int64', [scalarInt(3), ints(0)]),
  ],
  Transpose: [
    operatorCase('reverse', [spread([2, 3, 4])]),
    operatorCase('cycle', [spread([2, 3, 4])], { attributes: attributes({ perm: [1, 2, 0] }) }),
    operatorCase('heads', [spread([2, 3, 2, 2])], { attributes: attributes({ perm: [0, 2, 1, 3] }) }),
    operatorCase('texts', [TEXTS]),
  ],
  Expand: [
    operatorCase('more axes', [spread([3, 1]), ints(2, 3, 4)]),
    operatorCase('smaller shape', [spread([3, 4]), ints(1, 1)]),
    operatorCase('a scalar', [spread([]), ints(2, 2)]),
    operatorCase('int64', [integers([1, 2], 0, 9), ints(3, 2)]),
  ],
  Shape: [
    operatorCase('all', [spread([2, 3, 4])], { differentiable: [] }),
    operatorCase('some', [spread([2, 3, 4])], { attributes: attributes({ start: 1, end: -1 }), differentiable: [] }),
    operatorCase('clamped', [spread([2, 3, 4])], { attributes: attributes({ start: -9, end: 9 }), differentiable: [] }),
  ],
  Size: [operatorCase('elements', [spread([2, 3, 4])], { differentiable: [] })],
  Concat: [
    operatorCase('axis 0', [spread([2, 3]), spread([1, 3])], { attributes: attributes({ axis: 0 }) }),
    operatorCase('last axis', [spread([2, 1]), spread([2, 2]), spread([2, 3])], {
      attributes: attributes({ axis: -1 }),
    }),
    operatorCase('one', [spread([2, 3])], { attributes: attributes({ axis: 1 }) }),
    operatorCase('int64', [ints(1, 2), ints(), ints(3)], { attributes: attributes({ axis: 0 }) }),
    operatorCase('texts', [TEXTS, TEXTS], { attributes: attributes({ axis: 1 }) }),
  ],
  Split: [
    operatorCase('equal', [spread([4, 6])], { attributes: attributes({ axis: 1, num_outputs: 3 }), outputs: 3 }),
    operatorCase('uneven', [spread([5, 2])], { attributes: attributes({ num_outputs: 3 }), outputs: 3 }),
    operatorCase('sizes', [spread([2, 6]), ints(1, 2, 3)], { attributes: attributes({ axis: -1 }), outputs: 3 }),
    operatorCase('equal before opset 18', [spread([4, 6])], { outputs: 2, opset: 13 }),
  ],
  Slice: [
    operatorCase('all axes', [spread([4, 5]), ints(1, 0), ints(3, 4)]),
    operatorCase('one axis', [spread([4, 5]), ints(-3), ints(-1), ints(1)]),
    operatorCase('steps', [spread([7, 5]), ints(0, 4), ints(7, 1), ints(0, 1), ints(3, -2)]),
    operatorCase('backwards to the start', [spread([5]), ints(-1), ints(-1000), ints(0), ints(-1)]),
    operatorCase('beyond the ends', [spread([5]), ints(-100), ints(2 ** 40), ints(0)]),
    operatorCase('nothing', [spread([5]), ints(3), ints(2), ints(0)], { differentiable: [] }),
    operatorCase('int64', [integers([6], 0, 9), ints(2), ints(5)]),
  ],
  Pad: [
    operatorCase('zeros', [spread([2, 3]), ints(1, 0, 2, 1)]),
    operatorCase('a value', [spread([2, 3]), ints(0, 1, 1, 0), of('float', [], 1.5)], { differentiable: [0] }),
    operatorCase('cropped', [spread([4, 5]), ints(-1, 1, 0, -2)]),
    operatorCase('some axes', [spread([2, 3, 4]), ints(1, 2), undefined, ints(-1)]),
    ...['reflect', 'edge', 'wrap'].map((mode) =>
      operatorCase(mode, [spread([3, 4]), ints(1, 2, 2, 1)], { attributes: attributes({ mode }) }),
    ),
    operatorCase('int64', [integers([2, 2], 0, 9), ints(1, 0, 0, 1), of('int64', [], 7)]),
  ],
  Tile: [
    operatorCase('axes', [spread([2, 3]), ints(2, 3)]),
    operatorCase('one', [spread([2, 3]), ints(1, 1)]),
    operatorCase('int64', [integers([3], 0, 9), ints(2)]),
  ],
  Gather: [
    operatorCase('rows', [spread([5, 3]), integers([2, 2], 0, 5)]),
    operatorCase('repeated rows', [spread([5, 3]), ints(1, 1, -1, 4)]),
    operatorCase('last axis', [spread([2, 5]), ints(0, 3, 3)], { attributes: attributes({ axis: -1 }) }),
    operatorCase('a scalar', [spread([4, 3]), scalarInt(2)]),
    operatorCase('int32 indices', [spread([4, 3]), integers([3], 0, 4, 'int32')]),
    operatorCase('int64', [ints(7, 8, 9), ints(2, 0)]),
    operatorCase('texts', [TEXTS, ints(1)], { attributes: attributes({ axis: 1 }) }),
  ],
  GatherElements: [
    operatorCase('axis 0', [spread([4, 3]), integers([2, 3], -4, 4)]),
    operatorCase('axis 1', [spread([3, 4]), integers([3, 6], 0, 4)], { attributes: attributes({ axis: 1 }) }),
    operatorCase('smaller indices', [spread([3, 4]), integers([2, 2], 0, 4)], { attributes: attributes({ axis: -1 }) }),
  ],
  GatherND: [
    operatorCase('elements', [spread([3, 4]), of('int64', [3, 2], 0, 1, 2, 3, -1, 1)]),
    operatorCase('rows', [spread([3, 4]), of('int64', [2, 2, 1], 0, 2, 2, 1)]),
    operatorCase('in batches', [spread([2, 3, 4]), of('int64', [2, 2, 1], 0, 2, 1, 1)], {
      attributes: attributes({ batch_dims: 1 }),
    }),
  ],
  ScatterElements: [
    operatorCase('axis 0', [spread([4, 3]), of('int64', [2, 3], 0, 1, 2, 3, 0, -1), spread([2, 3])]),
    operatorCase('axis 1', [spread([2, 5]), of('int64', [2, 2], 0, 4, 2, 1), spread([2, 2])], {
      attributes: attributes({ axis: 1 }),
    }),
    ...reductions('repeated', () => [
      spread([4, 2], 0.5, 2),
      of('int64', [3, 2], 0, 1, 0, 1, 3, 1),
      spread([3, 2], 0.4, 1.9),
    ]),
    operatorCase('int64', [integers([4], 0, 9), ints(1, 1, 3), ints(5, 6, 7)], {
      attributes: attributes({ reduction: 'add' }),
    }),
  ],
  ScatterND: [
    operatorCase('elements', [spread([3, 4]), of('int64', [2, 2], 0, 1, 2, 3), spread([2])]),
    operatorCase('rows', [spread([4, 3]), of('int64', [2, 1], 3, 1), spread([2, 3])]),
    ...reductions('repeated rows', () => [
      spread([4, 3], 0.5, 2),
      of('int64', [3, 1], 1, 1, 3),
      spread([3, 3], 0.4, 1.9),
    ]),
    operatorCase('int64', [integers([4], 0, 9), of('int64', [2, 1], 0, 2), ints(5, 6)]),
  ],
  DepthToSpace: [
    operatorCase('block first', [spread([2, 8, 2, 3])], { attributes: attributes({ blocksize: 2 }) }),
    operatorCase('channel first', [spread([1, 8, 2, 3])], { attributes: attributes({ blocksize: 2, mode: 'CRD' }) }),
  ],
  SpaceToDepth: [operatorCase('blocks', [spread([2, 2, 4, 6])], { attributes: attributes({ blocksize: 2 }) })],
  OneHot: [
    operatorCase('last axis', [ints(0, 2, -1, 5), scalarInt(4), of('float', [2], 0, 1)], { differentiable: [2] }),
    operatorCase('first axis', [integers([2, 3], 0, 4), ints(4), of('float', [2], -1, 3)], {
      attributes: attributes({ axis: 0 }),
      differentiable: [2],
    }),
    operatorCase('int64', [ints(1, 0), scalarInt(3), of('int64', [2], 0, 1)]),
  ],
  Range: [
    operatorCase('int64', [scalarInt(2), scalarInt(11), scalarInt(3)]),
    operatorCase('backwards', [scalarInt(5), scalarInt(0), scalarInt(-2)]),
    operatorCase('floats', [of('float', [], 1), of('float', [], 2.2), of('float', [], 0.5)], { differentiable: [] }),
    operatorCase('nothing', [scalarInt(2), scalarInt(2), scalarInt(1)]),
  ],
  Constant: [
    operatorCase('tensor', [], { attributes: { value: { tensor: of('float', [2], 1, 2) } } }),
    operatorCase('float', [], { attributes: { value_float: { float: 1.5 } } }),
    operatorCase('floats', [], { attributes: { value_floats: { floats: [1.5, 2] } } }),
    operatorCase('int', [], { attributes: { value_int: { int: 7 } } }),
    operatorCase('ints', [], { attributes: { value_ints: { ints: [7, 8] } } }),
    operatorCase('text', [], { attributes: { value_string: { string: 'a' } } }),
    operatorCase('texts', [], { attributes: { value_strings: { strings: ['a', 'b'] } } }),
  ],
  ConstantOfShape: [
    operatorCase('zeros', [ints(2, 3)]),
    operatorCase('a value', [ints(2)], { attributes: { value: { tensor: ints(7) } } }),
    operatorCase('a scalar', [ints()], { attributes: { value: { tensor: of('float', [1], 2) } } }),
  ],
  EyeLike: [
    operatorCase('diagonal', [spread([3, 4])], { differentiable: [] }),
    operatorCase('off the diagonal', [spread([3, 4])], {
      attributes: attributes({ k: -1, dtype: 7 }),
      differentiable: [],
    }),
  ],
  Trilu: [
    operatorCase('upper', [spread([4, 4])]),
    operatorCase('lower', [spread([2, 3, 4])], { attributes: attributes({ upper: 0 }) }),
    operatorCase('moved up', [spread([4, 4]), scalarInt(1)]),
    operatorCase('moved down', [spread([4, 3]), scalarInt(-1)], { attributes: attributes({ upper: 0 }) }),
    operatorCase('bool', [truths([3, 3])]),
  ],
} satisfies Record<string, OperatorCases>
