export { type Fold, type FoldOptions, foldsOf } from './folds.ts'
export { DEFAULT_TEST_FRACTION, planSplit, type Split, type SplitOptions } from './plan-split.ts'
export type { SplitProtocol } from './protocol.ts'
