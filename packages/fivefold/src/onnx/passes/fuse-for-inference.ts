import { FivefoldError } from '../../core/index.ts'
import { importModel } from '../graph/import-model.ts'
import type { OnnxModel } from '../graph/model.ts'
import type { Dimension } from '../tensor.ts'
import { foldBatchNormalization } from './fold-batch-normalization.ts'
import { foldConstants } from './fold-constants.ts'
import { joinCasts, joinReshapes, joinTransposes, skipDropout } from './join-movements.ts'
import { joinMatMulAndAdd } from './matmul-add-to-gemm.ts'
import { rewriteModel, withoutIdentities } from './rewrite.ts'
import { upgradeOpset } from './upgrade-opset.ts'

/**
 * The model as serving wants it: nodes over constants computed, batch normalization folded into the convolution before it,
 * Dropout and Identity gone, chains of Transpose, Reshape or Cast joined, MatMul with Add as Gemm where both are matrices.
 * Outputs stay equal up to rounding. The model is brought to opset 20 where it is older. Operators that are not in the
 * catalogue stay as they are. Throws GRAPH_INVALID naming the node that is malformed.
 */
export function fuseForInference(model: OnnxModel): OnnxModel {
  const folded = foldConstants(withoutIdentities(upgradeOpset(model)))
  const joined = rewriteModel(folded, [skipDropout, joinTransposes, joinReshapes, joinCasts, foldBatchNormalization])
  const shapes = shapesOf(joined)
  return shapes === undefined ? joined : rewriteModel(joined, [joinMatMulAndAdd(shapes)])
}

/** The shape of every value; undefined where the model has operators whose shapes nobody here can tell. */
function shapesOf(model: OnnxModel): ReadonlyMap<string, readonly Dimension[]> | undefined {
  try {
    const { values } = importModel(model)
    return new Map([...values].map(([name, { shape }]) => [name, shape]))
  } catch (error) {
    if (error instanceof FivefoldError && error.code === 'GRAPH_UNSUPPORTED') return undefined
    throw error
  }
}
