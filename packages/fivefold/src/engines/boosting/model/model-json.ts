import { z } from 'zod'
import { FivefoldError } from '../../../core/index.ts'
import { linkOf, OBJECTIVE_NAMES } from '../loss/objective.ts'
import { resolveParams } from '../parameters.ts'
import type { BoostingModel } from './model.ts'
import type { Trees } from './trees.ts'

const FORMAT = 'fivefold.boosting/2'
/** Before categories, and with one tree an output in turn. */
const FORMAT_BEFORE = 'fivefold.boosting/1'

const oldTreesSchema = z.strictObject({
  starts: z.string(),
  feature: z.string(),
  threshold: z.string(),
  missingLeft: z.string(),
  left: z.string(),
  value: z.string(),
  gain: z.string(),
  cover: z.string(),
})

const treesSchema = oldTreesSchema.extend({
  output: z.string(),
  categorySet: z.string(),
  membersLeft: z.string(),
  setStarts: z.string(),
  setWords: z.string(),
})

const modelSchema = z.strictObject({
  format: z.literal(FORMAT),
  featureNames: z.array(z.string()).min(1),
  objective: z.enum(OBJECTIVE_NAMES),
  classes: z.array(z.string()),
  categoricalFeatures: z.array(z.string()),
  baseScores: z.array(z.number()).min(1),
  trees: treesSchema,
  params: z.record(z.string(), z.unknown()),
  history: z.strictObject({
    train: z.array(z.number()),
    validation: z.array(z.number()),
    metric: z.array(z.number()).optional(),
  }),
  bestRound: z.int().min(1),
})

const oldModelSchema = modelSchema
  .omit({ categoricalFeatures: true })
  .extend({ format: z.literal(FORMAT_BEFORE), trees: oldTreesSchema })

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
    categoricalFeatures: [...model.categoricalFeatures],
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
      output: encode(trees.output),
      categorySet: encode(trees.categorySet),
      membersLeft: encode(trees.membersLeft),
      setStarts: encode(trees.sets.starts),
      setWords: encode(trees.sets.words),
    },
    params: { ...model.params },
    history: {
      train: [...model.history.train],
      validation: [...model.history.validation],
      ...(model.history.metric !== undefined && { metric: [...model.history.metric] }),
    },
    bestRound: model.bestRound,
  }
}

/**
 * Reads a model back and checks that its trees can be walked: a damaged file must not become a loop or a stray read.
 * @throws BUNDLE_INVALID where the JSON is not such a model
 */
export function boostingModelFromJson(json: unknown): BoostingModel {
  const isOld = typeof json === 'object' && json !== null && 'format' in json && json.format === FORMAT_BEFORE
  const parsed = isOld ? oldModelSchema.safeParse(json) : modelSchema.safeParse(json)
  if (!parsed.success) fail(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '))
  const { format: _format, params, trees: encoded, history, ...read } = parsed.data
  const { metric, ...losses } = history
  const rest = { categoricalFeatures: [], ...read, history: metric === undefined ? losses : { ...losses, metric } }
  const common = {
    starts: new Uint32Array(decode(encoded.starts, 4)),
    feature: new Int32Array(decode(encoded.feature, 4)),
    threshold: new Float32Array(decode(encoded.threshold, 4)),
    missingLeft: new Uint8Array(decode(encoded.missingLeft, 1)),
    left: new Uint32Array(decode(encoded.left, 4)),
    value: new Float32Array(decode(encoded.value, 4)),
    gain: new Float32Array(decode(encoded.gain, 4)),
  }
  const trees: Trees =
    'output' in encoded
      ? { ...common, ...decodeNewer(encoded) }
      : { ...common, ...supplyNewer(common, decode(encoded.cover, 4), rest.baseScores.length) }
  checkOutputs(rest)
  checkTrees(trees, rest.featureNames.length, rest.baseScores.length)
  return { kind: 'boosting', ...rest, trees, params: resolveParams(params) }
}

type NewerArrays = Pick<Trees, 'cover' | 'output' | 'categorySet' | 'membersLeft' | 'sets'>

function decodeNewer(encoded: z.output<typeof treesSchema>): NewerArrays {
  return {
    cover: new Float64Array(decode(encoded.cover, 8)),
    output: new Uint16Array(decode(encoded.output, 2)),
    categorySet: new Int32Array(decode(encoded.categorySet, 4)),
    membersLeft: new Uint8Array(decode(encoded.membersLeft, 1)),
    sets: {
      starts: new Uint32Array(decode(encoded.setStarts, 4)),
      words: new Uint32Array(decode(encoded.setWords, 4)),
    },
  }
}

/** What the older format left unsaid. */
function supplyNewer(
  { starts, feature }: Pick<Trees, 'starts' | 'feature'>,
  cover: ArrayBuffer,
  outputCount: number,
): NewerArrays {
  return {
    cover: Float64Array.from(new Uint32Array(cover)),
    output: Uint16Array.from({ length: Math.max(0, starts.length - 1) }, (_, tree) => tree % outputCount),
    categorySet: new Int32Array(feature.length).fill(-1),
    membersLeft: new Uint8Array(feature.length),
    sets: { starts: new Uint32Array(1), words: new Uint32Array(0) },
  }
}

function fail(message: string): never {
  throw new FivefoldError('BUNDLE_INVALID', `not a boosting model: ${message}`)
}

function checkOutputs(model: Pick<BoostingModel, 'objective' | 'classes' | 'baseScores'>): void {
  const { objective, classes, baseScores } = model
  const link = linkOf(objective)
  const classCount = link === 'logistic' ? 2 : link === 'softmax' ? baseScores.length : 0
  if (classes.length !== classCount) fail(`${classes.length} classes for the objective ${objective}`)
  if (link !== 'softmax' && baseScores.length !== 1) fail(`${baseScores.length} base scores, expected one`)
}

function checkTrees(trees: Trees, featureCount: number, outputCount: number): void {
  const { starts, output, sets, ...nodeArrays } = trees
  const size = trees.feature.length
  if (starts[0] !== 0 || starts.at(-1) !== size) fail('trees.starts does not span the nodes')
  const treeCount = starts.length - 1
  if (output.length !== treeCount) fail(`trees.output has ${output.length} values for ${treeCount} trees`)
  if (output.some((value) => value >= outputCount)) fail(`a tree adds to an output beyond the ${outputCount} there are`)
  checkSets(sets)
  for (const [name, array] of Object.entries(nodeArrays)) {
    if (array.length !== size) fail(`trees.${name} has ${array.length} nodes, expected ${size}`)
  }
  for (let tree = 0; tree + 1 < starts.length; tree++) {
    const nodeCount = starts[tree + 1]! - starts[tree]!
    if (nodeCount < 1) fail(`tree ${tree} has no nodes`)
    for (let node = 0; node < nodeCount; node++) checkNode(trees, starts[tree]! + node, node, nodeCount, featureCount)
  }
}

function checkSets({ starts, words }: Trees['sets']): void {
  const rises = starts.every((start, set) => set === 0 || start >= starts[set - 1]!)
  if (starts[0] !== 0 || starts.at(-1) !== words.length || !rises) fail('trees.setStarts does not span the words')
}

/** Children come after their parent, so every walk ends. */
function checkNode(trees: Trees, at: number, node: number, nodeCount: number, featureCount: number): void {
  const feature = trees.feature[at]!
  if (feature === -1) {
    if (!Number.isFinite(trees.value[at])) fail(`node ${at} has the value ${trees.value[at]}`)
    return
  }
  if (feature < 0 || feature >= featureCount) fail(`node ${at} tests feature ${feature} of ${featureCount}`)
  if (Number.isNaN(trees.threshold[at])) fail(`node ${at} has no threshold`)
  const set = trees.categorySet[at]!
  if (set < -1 || set >= trees.sets.starts.length - 1) fail(`node ${at} names category set ${set}, which is not there`)
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
