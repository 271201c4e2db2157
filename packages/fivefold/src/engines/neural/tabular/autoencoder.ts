import { type Context, createContext, FivefoldError } from '../../../core/index.ts'
import type { FeatureMatrix } from '../../../data/index.ts'
import { createSession, encodeModel, type OnnxModel } from '../../../onnx/index.ts'
import { createArrayDataset, createLoader } from '../data/index.ts'
import { dense } from '../layers/dense.ts'
import { meanSquared } from '../losses/regression.ts'
import { networkToOnnx } from '../network/compile.ts'
import { defineNetwork, tensor } from '../network/network.ts'
import { adam } from '../optimizer/index.ts'
import { trainNetwork } from '../training/train-network.ts'
import { rowsOf } from './tabular-model.ts'

export interface AutoencoderParams {
  /** Numbers that each row is squeezed through. Default 8, or half of the features where there are fewer than 16. */
  readonly codeSize?: number
  /** Units of the layers before the code, and in turn after it. Default [64]. */
  readonly hidden?: readonly number[]
  /** Default 50. */
  readonly epochs?: number
  /** Default 128. */
  readonly batchSize?: number
  /** Default 1e-3. */
  readonly learningRate?: number
}

/** A network that reproduces its rows through a narrow code (Hinton & Salakhutdinov 2006): rows unlike those it saw come out wrong. */
export interface Autoencoder {
  /** Codes, row-major [rows, codeSize]: features for other models, or for neighbours. */
  embed(features: FeatureMatrix): Promise<Float32Array>
  /** Mean squared difference between each row and its reproduction: a score of anomaly. */
  reconstructionError(features: FeatureMatrix): Promise<Float64Array>
  /** `features` [N, count] to `code` [N, codeSize] and `reconstruction` [N, count]. */
  toOnnx(): OnnxModel
  readonly codeSize: number
}

/**
 * Trains an autoencoder on features that are scaled and complete; no labels are needed.
 *
 * @throws TRAIN_INPUT where a feature is not finite
 */
export async function trainAutoencoder(
  features: FeatureMatrix,
  params: AutoencoderParams = {},
  context: Context = createContext(),
): Promise<Autoencoder> {
  const count = features.names.length
  const { hidden = [64], epochs = 50, learningRate = 1e-3 } = params
  const codeSize = params.codeSize ?? Math.min(8, Math.ceil(count / 2))
  const network = autoencoderNetwork(count, codeSize, hidden)
  const rows = rowsOf(features)
  if (!rows.every(Number.isFinite))
    throw new FivefoldError('TRAIN_INPUT', 'an autoencoder takes features that are complete and finite')
  const field = { data: rows, shape: [count] }
  const batchSize = Math.min(params.batchSize ?? 128, features.rowCount)
  const single = { ...context, threads: 1 }
  const trained = await trainNetwork(
    network,
    {
      data: createLoader(createArrayDataset({ features: field, target: field }), { batchSize, last: 'drop' }, single),
      targets: { target: tensor('float', count) },
      loss: meanSquared({ output: 'reconstruction', target: 'target' }),
      optimizer: adam({ learningRate }),
      epochs,
    },
    single,
  )
  const toOnnx = (): OnnxModel => networkToOnnx(network, trained.weights)
  const run = (matrix: FeatureMatrix, output: 'code' | 'reconstruction') => runRows(toOnnx(), matrix, output)
  return {
    codeSize,
    toOnnx,
    embed: (matrix) => run(matrix, 'code'),
    reconstructionError: async (matrix) => rowErrors(rowsOf(matrix), await run(matrix, 'reconstruction'), count),
  }
}

function autoencoderNetwork(count: number, codeSize: number, hidden: readonly number[]) {
  return defineNetwork({
    name: 'autoencoder',
    inputs: { features: tensor('float', count) },
    forward(scope, { features: x }) {
      const encoder = scope.within('encoder')
      const decoder = scope.within('decoder')
      const encoded = hidden.reduce(
        (y, units, i) => dense(encoder, `hidden${i + 1}`, y, { units, activation: 'relu' }),
        x,
      )
      const code = dense(encoder, 'code', encoded, { units: codeSize })
      const decoded = hidden
        .toReversed()
        .reduce((y, units, i) => dense(decoder, `hidden${i + 1}`, y, { units, activation: 'relu' }), code)
      return { code, reconstruction: dense(decoder, 'output', decoded, { units: count }) }
    },
  })
}

async function runRows(model: OnnxModel, matrix: FeatureMatrix, output: string): Promise<Float32Array> {
  const { rowCount, names } = matrix
  await using session = await createSession(encodeModel(model))
  const feeds = { features: { type: 'float', shape: [rowCount, names.length], data: rowsOf(matrix) } } as const
  const results = await session.run(feeds, [output])
  return results[output]!.data as Float32Array
}

function rowErrors(rows: Float32Array, reproduced: Float32Array, count: number): Float64Array {
  const errors = new Float64Array(rows.length / count)
  for (const [i, value] of rows.entries()) errors[Math.floor(i / count)]! += (value - reproduced[i]!) ** 2 / count
  return errors
}
