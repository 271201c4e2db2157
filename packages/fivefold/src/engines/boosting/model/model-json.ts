import { z } from 'zod'
import { FivefoldError } from '../../../core/index.ts'
import { resolveParams } from '../parameters.ts'
import type { BoostingModel } from './model.ts'
import type { Trees } from './trees.ts'

const FORMAT = 'fivefold.boosting/1'

const treesSchema = z.strictObject({
  starts: z.string(),
  feature: z.string(),
  threshold: z.string(),
  missingLeft: z.string(),
  left: z.string(),
  value: z.string(),
  gain: z.string(),
  cover: z.string(),
})

const modelSchema = z.strictObject({
  format: z.literal(FORMAT),
  featureNames: z.array(z.string()).min(1),
  objective: z.enum(['logistic', 'softmax', 'squared']),
  classes: z.array(z.string()),
  baseScores: z.array(z.number()).min(1),
  trees: treesSchema,
  params: z.record(z.string(), z.unknown()),
  history: z.strictObject({ train: z.array(z.number()), validation: z.array(z.number()) }),
  bestRound: z.int().min(1),
})

/** What `boostingModelToJson` writes; tree arrays are base64 of little-endian bytes, so that floats survive exactly. */
export type BoostingModelJson = z.output<typeof modelSchema>

/** The model as plain JSON. The same model gives the same text. */
export function boostingModelToJson(model: BoostingModel): BoostingModelJson {
  const { trees } = model
  return {
    format: FORMAT,
    featureNames: [...model.featureNames],
    objective: model.objective,
    classes: [...model.classes],
    baseScores: [...model.baseScores],
    trees: {
      starts: encode(trees.starts),
      feature: encode(trees.feature),
      threshold: encode(trees.threshold),
      missingLeft: encode(trees.missingLeft),
      left: encode(trees.left),
      value: encode(trees.value),
      gain: encode(trees.gain),
      cover: encode(trees.cover),
    },
    params: { ...model.params },
    history: { train: [...model.history.train], validation: [...model.history.validation] },
    bestRound: model.bestRound,
  }
}

/**
 * Reads a model back and checks that its trees can be walked: a damaged file must not become a loop or a stray read.
 * @throws BUNDLE_INVALID where the JSON is not such a model
 */
export function boostingModelFromJson(json: unknown): BoostingModel {
  const parsed = modelSchema.safeParse(json)
  if (!parsed.success) fail(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '))
  const { format: _format, params, trees: encoded, ...rest } = parsed.data
  const trees: Trees = {
    starts: new Uint32Array(decode(encoded.starts, 4)),
    feature: new Int32Array(decode(encoded.feature, 4)),
    threshold: new Float32Array(decode(encoded.threshold, 4)),
    missingLeft: new Uint8Array(decode(encoded.missingLeft, 1)),
    left: new Uint32Array(decode(encoded.left, 4)),
    value: new Float32Array(decode(encoded.value, 4)),
    gain: new Float32Array(decode(encoded.gain, 4)),
    cover: new Uint32Array(decode(encoded.cover, 4)),
  }
  checkOutputs(rest)
  checkTrees(trees, rest.featureNames.length)
  return { kind: 'boosting', ...rest, trees, params: resolveParams(params) }
}

function fail(message: string): never {
  throw new FivefoldError('BUNDLE_INVALID', `not a boosting model: ${message}`)
}

function checkOutputs(model: Pick<BoostingModel, 'objective' | 'classes' | 'baseScores'>): void {
  const { objective, classes, baseScores } = model
  const classCount = { squared: 0, logistic: 2, softmax: baseScores.length }[objective]
  if (classes.length !== classCount) fail(`${classes.length} classes for the objective ${objective}`)
  if (objective !== 'softmax' && baseScores.length !== 1) fail(`${baseScores.length} base scores, expected one`)
}

function checkTrees(trees: Trees, featureCount: number): void {
  const { starts, ...nodeArrays } = trees
  const size = trees.feature.length
  for (const [name, array] of Object.entries(nodeArrays)) {
    if (array.length !== size) fail(`trees.${name} has ${array.length} nodes, expected ${size}`)
  }
  if (starts[0] !== 0 || starts.at(-1) !== size) fail('trees.starts does not span the nodes')
  for (let tree = 0; tree + 1 < starts.length; tree++) {
    const nodeCount = starts[tree + 1]! - starts[tree]!
    if (nodeCount < 1) fail(`tree ${tree} has no nodes`)
    for (let node = 0; node < nodeCount; node++) checkNode(trees, starts[tree]! + node, node, nodeCount, featureCount)
  }
}

/** Children come after their parent, so every walk ends. */
function checkNode(trees: Trees, at: number, node: number, nodeCount: number, featureCount: number): void {
  const feature = trees.feature[at]!
  if (feature === -1) {
    if (!Number.isFinite(trees.value[at])) fail(`node ${at} has the value ${trees.value[at]}`)
    return
  }
  if (feature < 0 || feature >= featureCount) fail(`node ${at} tests feature ${feature} of ${featureCount}`)
  const left = trees.left[at]!
  if (left <= node || left + 1 >= nodeCount) fail(`node ${at} has its children at ${left}, outside its tree`)
}

function encode(array: ArrayBufferView): string {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64')
}

function decode(text: string, elementBytes: number): ArrayBuffer {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length % elementBytes !== 0) fail(`a tree array has ${bytes.length} bytes`)
  return new Uint8Array(bytes).buffer
}
