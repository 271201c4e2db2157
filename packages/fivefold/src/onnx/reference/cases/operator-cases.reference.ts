import type { OperatorName } from '../../operators/catalogue.ts'
import { ELEMENTWISE_CASES } from './elementwise.reference.ts'
import { MOVEMENT_CASES } from './movement.reference.ts'
import { NETWORK_CASES } from './networks.reference.ts'
import type { OperatorCases } from './operator-case.reference.ts'
import { PRODUCT_CASES } from './products.reference.ts'
import { RECURRENT_CASES } from './recurrent.reference.ts'
import { REDUCTION_CASES } from './reductions.reference.ts'
import { RESIZE_CASES } from './resize.reference.ts'

/** Cases of every operator: an operator without one does not compile. */
export const OPERATOR_CASES: Readonly<Record<OperatorName, OperatorCases>> = {
  ...ELEMENTWISE_CASES,
  ...REDUCTION_CASES,
  ...MOVEMENT_CASES,
  ...RESIZE_CASES,
  ...PRODUCT_CASES,
  ...NETWORK_CASES,
  ...RECURRENT_CASES,
}
