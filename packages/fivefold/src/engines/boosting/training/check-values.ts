import { FivefoldError } from '../../../core/index.ts'
import type { Trees } from '../model/trees.ts'

/** @throws TRAIN_DIVERGED where a leaf has no finite value */
export function checkValues({ value }: Trees): void {
  if (value.every((leaf) => Number.isFinite(leaf))) return
  throw new FivefoldError('TRAIN_DIVERGED', 'boosting: a leaf has no finite value: targets or weights are too large', {
    remedy: 'Divide the target or the weights by a power of ten.',
  })
}
