import { FivefoldError } from '../../../../core/index.ts'
import { linkOf, type ObjectiveName } from '../../loss/objective.ts'
import type { BoostingModel } from '../../model/model.ts'
import type { Trees } from '../../model/trees.ts'
import { type BoostingParams, resolveParams } from '../../parameters.ts'
import { type DraftTree, treesFromDrafts } from './draft-tree.ts'

/** What a file of another library says of a model. */
export interface DraftModel {
  readonly featureNames: readonly string[]
  /** Features with category codes besides those that trees split by category. */
  readonly categorical?: readonly number[]
  readonly objective: ObjectiveName
  /** Default '0', '1', ... for classification. */
  readonly classes?: readonly string[] | undefined
  readonly baseScores: readonly number[]
  readonly trees: readonly DraftTree[]
  /** Trees of a round; 1 unless said. */
  readonly treesPerRound?: number
  readonly params?: Partial<BoostingParams>
  readonly bestRound?: number | undefined
}

/** Other libraries' files may claim any number. */
export const MAX_FEATURES = 1_000_000
const MAX_OUTPUTS = 65_535

/**
 * A model of what was read.
 * @throws MODEL_UNREADABLE where a tree names a feature or an output that is not there, or holds a number that is not finite
 */
export function modelFromDraft(draft: DraftModel): BoostingModel {
  const { featureNames, objective, baseScores } = draft
  checkCounts(featureNames.length, baseScores)
  const link = linkOf(objective)
  const classCount = link === 'logistic' ? 2 : link === 'softmax' ? baseScores.length : 0
  if (link !== 'softmax' && baseScores.length !== 1)
    throw new FivefoldError('MODEL_UNSUPPORTED', `the model has ${baseScores.length} outputs that are not classes`)
  const trees = treesFromDrafts(draft.trees)
  checkNumbers(trees, featureNames.length, baseScores.length)
  const rounds = Math.max(1, Math.ceil(draft.trees.length / (draft.treesPerRound ?? 1)))
  const counted = Array.from({ length: classCount }, (_, i) => String(i))
  return {
    kind: 'boosting',
    featureNames,
    objective,
    classes: draft.classes?.length === classCount ? draft.classes : counted,
    categoricalFeatures: categoricalNames(draft, trees),
    baseScores,
    trees,
    params: possibleParams({ rounds, ...(objective === 'custom' ? {} : { objective }), ...draft.params }),
    history: { train: [], validation: [] },
    bestRound: draft.bestRound ?? rounds,
  }
}

function checkCounts(featureCount: number, baseScores: readonly number[]): void {
  if (featureCount < 1 || featureCount > MAX_FEATURES) unreadable(`the model has ${featureCount} features`)
  if (baseScores.length < 1 || baseScores.length > MAX_OUTPUTS) unreadable(`the model has ${baseScores.length} outputs`)
  if (!baseScores.every(Number.isFinite)) unreadable(`the model starts from a score of ${baseScores.join(', ')}`)
}

function checkNumbers(trees: Trees, featureCount: number, outputCount: number): void {
  const { output, feature, threshold, value, gain, cover } = trees
  const stray = output.find((at) => at >= outputCount)
  if (stray !== undefined) unreadable(`a tree adds to output ${stray} of ${outputCount}`)
  for (let node = 0; node < feature.length; node++) {
    if (feature[node]! >= featureCount) unreadable(`a split tests feature ${feature[node]} of ${featureCount}`)
    if (Number.isNaN(threshold[node]!)) unreadable('a split has the threshold NaN')
    if (!Number.isFinite(value[node]!)) unreadable(`a leaf has the value ${value[node]}`)
    if (!Number.isFinite(gain[node]!)) unreadable(`a split has the gain ${gain[node]}`)
    if (!(cover[node]! >= 0 && cover[node]! < Infinity)) unreadable(`a node has the cover ${cover[node]}`)
  }
}

function unreadable(message: string): never {
  throw new FivefoldError('MODEL_UNREADABLE', message)
}

function categoricalNames({ featureNames, categorical = [] }: DraftModel, trees: Trees): string[] {
  const features = new Set(categorical)
  for (const [node, set] of trees.categorySet.entries()) if (set >= 0) features.add(trees.feature[node]!)
  return featureNames.filter((_, feature) => features.has(feature))
}

/** Parameters within what trainers here accept; the others are left at their defaults. */
function possibleParams(params: Partial<BoostingParams>): BoostingParams {
  const entries = Object.entries(params).filter(([name, value]) => {
    try {
      resolveParams({ [name]: value })
      return true
    } catch {
      return false
    }
  })
  return resolveParams(Object.fromEntries(entries))
}
