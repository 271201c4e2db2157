import type { TensorLiteral } from '../../tensor.ts'
import {
  attributes,
  ints,
  type OperatorCase,
  type OperatorCases,
  of,
  operatorCase,
  spread,
} from './operator-case.reference.ts'

const scales = (...values: number[]): TensorLiteral => of('float', [values.length], ...values)

const COORDINATES = ['half_pixel', 'half_pixel_symmetric', 'pytorch_half_pixel', 'align_corners', 'asymmetric']

/** Every mode in every system of coordinates, up and down. */
function allModes(): OperatorCase[] {
  return ['nearest', 'linear', 'cubic'].flatMap((mode) =>
    COORDINATES.flatMap((coordinate_transformation_mode) =>
      [
        [7, 5],
        [2, 3],
      ].map((size) =>
        operatorCase(
          `${mode}, ${coordinate_transformation_mode}, to ${size}`,
          [spread([1, 2, 4, 4]), undefined, undefined, ints(1, 2, ...size)],
          { attributes: attributes({ mode, coordinate_transformation_mode }) },
        ),
      ),
    ),
  )
}

/** Nothing is differentiated by the scales. */
const byValues = (example: OperatorCase): OperatorCase => ({ ...example, differentiableInputs: [0] })

const CASES: OperatorCases = [
  operatorCase('doubled', [spread([1, 2, 3, 3]), undefined, scales(1, 1, 2, 2)], {
    attributes: attributes({ mode: 'nearest', nearest_mode: 'floor', coordinate_transformation_mode: 'asymmetric' }),
  }),
  ...['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'].map((nearest_mode) =>
    operatorCase(`nearest ${nearest_mode}`, [spread([1, 1, 4, 6]), undefined, scales(1, 1, 2, 0.5)], {
      attributes: attributes({ mode: 'nearest', nearest_mode }),
    }),
  ),
  operatorCase('broken scales', [spread([1, 1, 5, 5]), undefined, scales(1, 1, 1.3, 0.7)], {
    attributes: attributes({ mode: 'linear' }),
  }),
  operatorCase('one axis', [spread([2, 2, 5]), undefined, scales(1, 1, 2)], {
    attributes: attributes({ mode: 'linear' }),
  }),
  operatorCase('three axes', [spread([1, 2, 2, 3, 2]), undefined, scales(1, 1, 2, 2, 2)], {
    attributes: attributes({ mode: 'linear' }),
  }),
  operatorCase('three axes nearest', [spread([1, 2, 2, 3, 2]), undefined, scales(1, 1, 2, 2, 2)], {
    attributes: attributes({ mode: 'nearest' }),
  }),
  operatorCase('cubic coefficient', [spread([1, 1, 4, 4]), undefined, scales(1, 1, 2, 2)], {
    attributes: { ...attributes({ mode: 'cubic' }), cubic_coeff_a: { float: -0.5 } },
  }),
  operatorCase('cubic, nothing from outside', [spread([1, 1, 4, 4]), undefined, scales(1, 1, 2, 2)], {
    attributes: attributes({ mode: 'cubic', exclude_outside: 1 }),
  }),
  ...['linear', 'cubic'].map((mode) =>
    operatorCase(`${mode}, antialiased`, [spread([1, 1, 6, 8]), undefined, scales(1, 1, 0.5, 0.4)], {
      attributes: attributes({ mode, antialias: 1 }),
    }),
  ),
  operatorCase('some axes', [spread([1, 2, 3, 4]), undefined, undefined, ints(6, 2)], {
    attributes: attributes({ mode: 'linear', axes: [2, 3] }),
  }),
  ...['not_larger', 'not_smaller'].map((keep_aspect_ratio_policy) =>
    operatorCase(`aspect ${keep_aspect_ratio_policy}`, [spread([1, 1, 4, 6]), undefined, undefined, ints(6, 6)], {
      attributes: attributes({ mode: 'linear', axes: [2, 3], keep_aspect_ratio_policy }),
    }),
  ),
  operatorCase('cropped', [spread([1, 1, 4, 4]), scales(0, 0, 0.2, 0.3, 1, 1, 0.8, 1.2), undefined, ints(1, 1, 3, 3)], {
    attributes: {
      ...attributes({ mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize' }),
      extrapolation_value: { float: 9 },
    },
  }),
  ...allModes(),
]

const [FIRST, ...REST] = CASES

export const RESIZE_CASES = {
  Resize: [byValues(FIRST), ...REST.map(byValues)],
} satisfies Record<string, OperatorCases>
