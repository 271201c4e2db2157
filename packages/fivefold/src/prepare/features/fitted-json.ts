import { z } from 'zod'
import { FivefoldError } from '../../core/index.ts'
import { columnSchemaJson } from '../../data/index.ts'
import { findTransform } from './fit.ts'
import { createFittedFeatures, type FittedFeatures } from './fitted-features.ts'
import type { Transform } from './transform.ts'

const fittedSchema = z.strictObject({
  format: z.literal(1),
  parts: z.array(z.strictObject({ column: columnSchemaJson, transform: z.string(), state: z.unknown() })).min(1),
  kept: z.array(z.int().min(0)).min(1),
})

/**
 * Revives what `FittedFeatures.toJson` gave. Throws FEATURE_INVALID where it is malformed or of another format version.
 *
 * @param extensions transforms that `custom` steps named
 */
export function fittedFeaturesFromJson(json: unknown, extensions: readonly Transform[] = []): FittedFeatures {
  const result = fittedSchema.safeParse(json)
  if (!result.success) {
    const issues = result.error.issues.map(({ path, message }) => ({ path: path.map(String), message }))
    throw new FivefoldError('FEATURE_INVALID', `stored features are not valid: ${issues[0]?.message ?? ''}`, { issues })
  }
  const { parts, kept } = result.data
  const revived = parts.map(({ column, transform, state }) => ({
    column,
    fitted: findTransform(transform, extensions).revive(state),
  }))
  const width = revived.reduce((sum, { column, fitted }) => sum + fitted.featureNames(column.name).length, 0)
  const ascending = kept.every((index, at) => index < width && (at === 0 || index > kept[at - 1]!))
  if (!ascending)
    throw new FivefoldError('FEATURE_INVALID', `stored features keep indexes that are not among the ${width}`)
  return createFittedFeatures(revived, kept)
}
