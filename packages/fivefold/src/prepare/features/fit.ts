import { type Context, FivefoldError, forkContext, throwIfCancelled } from '../../core/index.ts'
import {
  type ColumnSchema,
  columnOf,
  type FeatureMatrix,
  type Frame,
  type Schema,
  type Target,
} from '../../data/index.ts'
import { BUILT_IN_TRANSFORMS } from './built-in.ts'
import { createFittedFeatures, type FittedFeatures, type FittedPart, orderParts } from './fitted-features.ts'
import type { FeaturePlan, PlannedColumn } from './plan.ts'
import { distinctFeatures } from './prune.ts'
import { featureStepSchema, isNumericStep, type ResolvedStep } from './step.ts'
import type { Transform } from './transform.ts'

/** Feature values that text columns may take up in memory, together (4 bytes each). */
const TEXT_VALUE_BUDGET = 200e6

interface FittedWithTraining {
  readonly part: FittedPart
  readonly training: readonly Float32Array[]
}

/**
 * Learns the planned steps from the training rows and gives the training features: target encodings are out of fold
 * there, everything else is what `transform` gives. Constant features and copies of earlier ones are left out.
 * Throws FEATURE_INVALID where a step does not fit its column, PROBLEM_NO_FEATURES where nothing is left.
 *
 * @param extensions transforms that `custom` steps name
 */
export async function fitFeatures(
  plan: FeaturePlan,
  frame: Frame,
  schema: Schema,
  target: Target,
  context: Context,
  extensions: readonly Transform[] = [],
): Promise<{ fitted: FittedFeatures; training: FeatureMatrix }> {
  checkTarget(frame, target)
  const results: FittedWithTraining[] = []
  for (const [done, planned] of plan.columns.entries()) {
    throwIfCancelled(context.signal)
    context.progress({ stage: 'features', done, total: plan.columns.length, note: planned.column })
    results.push(...fitColumn(planned, plan, frame, schemaOf(schema, planned.column), target, context, extensions))
    // Lets cancellation and servers have their turn between columns.
    await new Promise((resolve) => setImmediate(resolve))
  }
  return assemble(results, frame.rowCount)
}

function checkTarget(frame: Frame, target: Target): void {
  const length = target.kind === 'number' ? target.values.length : target.codes.length
  if (length === frame.rowCount && length > 0) return
  throw new FivefoldError(
    'TRAIN_INPUT',
    `${frame.rowCount} rows of features and ${length} targets; both must be equal and above 0`,
  )
}

function schemaOf(schema: Schema, name: string): ColumnSchema {
  const column = schema.columns.find((candidate) => candidate.name === name)
  if (column) return column
  throw new FivefoldError('DATA_COLUMN_UNKNOWN', `the plan has the column '${name}', the schema has not`)
}

function fitColumn(
  planned: PlannedColumn,
  plan: FeaturePlan,
  frame: Frame,
  column: ColumnSchema,
  target: Target,
  context: Context,
  extensions: readonly Transform[],
): FittedWithTraining[] {
  const values = columnOf(frame, planned.column)
  const input = { column, values, rowCount: frame.rowCount, target, context: forkContext(context, 'features') }
  const textLimit = textFeatureLimit(plan, frame.rowCount)
  return requests(planned.steps.map((step) => featureStepSchema.parse(step))).map(({ name, options }) => {
    const transform = findTransform(name, extensions)
    const { fitted, training } = transform.fit(input, limitText(options, textLimit))
    return { part: { column, fitted }, training: training ?? fitted.apply(values, frame.rowCount) }
  })
}

function textFeatureLimit(plan: FeaturePlan, rowCount: number): number {
  const texts = plan.columns.flatMap(({ steps }) => steps).filter(({ kind }) => kind === 'wordTfidf').length
  return Math.max(50, Math.floor(TEXT_VALUE_BUDGET / rowCount / Math.max(1, texts)))
}

function limitText(options: unknown, limit: number): unknown {
  const step = options as { kind?: string; maxFeatures?: number }
  return step.kind === 'wordTfidf' ? { ...step, maxFeatures: Math.min(step.maxFeatures ?? limit, limit) } : options
}

/** The transforms that a column's steps stand for: one for its numeric chain, one for each other step. */
function requests(steps: readonly ResolvedStep[]): { name: string; options: unknown }[] {
  const numeric = steps.filter(isNumericStep)
  const chain = numeric.length > 0 ? [{ name: 'number', options: { kind: 'number', steps: numeric } }] : []
  const indicator = numeric.some((step) => step.kind === 'imputeNumber' && step.indicator)
    ? [{ name: 'missingIndicator', options: { kind: 'missingIndicator' } }]
    : []
  const others = steps
    .filter((step) => !isNumericStep(step))
    .map((step) =>
      step.kind === 'custom' ? { name: step.name, options: step.options } : { name: step.kind, options: step },
    )
  return [...chain, ...indicator, ...others]
}

export function findTransform(name: string, extensions: readonly Transform[]): Transform {
  const transform = [...BUILT_IN_TRANSFORMS, ...extensions].find((candidate) => candidate.name === name)
  if (transform) return transform
  throw new FivefoldError('FEATURE_INVALID', `no transform '${name}'; pass it among the extensions`)
}

/** Puts the parts in graph order and leaves out features, parts and columns that add nothing. */
function assemble(
  results: readonly FittedWithTraining[],
  rowCount: number,
): { fitted: FittedFeatures; training: FeatureMatrix } {
  const ordered = orderParts(results, ({ part }) => part)
  const kept = new Set(distinctFeatures(ordered.flatMap(({ training }) => training)))
  if (kept.size === 0) throw new FivefoldError('PROBLEM_NO_FEATURES', 'no feature varies over the training rows')
  const parts: FittedPart[] = []
  const keptIndexes: number[] = []
  const values: Float32Array[] = []
  let offset = 0
  let width = 0
  for (const { part, training } of ordered) {
    const chosen = [...training.keys()].filter((at) => kept.has(offset + at))
    offset += training.length
    if (chosen.length === 0) continue
    parts.push(part)
    for (const at of chosen) {
      keptIndexes.push(width + at)
      values.push(training[at]!)
    }
    width += training.length
  }
  const fitted = createFittedFeatures(parts, keptIndexes)
  return { fitted, training: { rowCount, names: fitted.featureNames, values } }
}
