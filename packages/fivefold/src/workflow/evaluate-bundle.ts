import { type Bundle, createPredictor, inputSchema } from '../bundle/index.ts'
import type { Context } from '../core/index.ts'
import {
  alignClasses,
  type ColumnSchema,
  columnOf,
  openTable,
  type Predictions,
  rowsWithTarget,
  type SourceOptions,
  takeRows,
  targetFromColumn,
} from '../data/index.ts'
import { type Evaluation, evaluatePredictions } from '../evaluate/index.ts'
import type { Problem } from '../problem/index.ts'
import { fitBaseline } from '../train/index.ts'

/**
 * Measures a bundle on labelled rows, which should not be those that it was trained on; the protocol says where they are.
 * The baseline knows nothing but the labels of these very
 * rows, which makes it a hard one.
 */
export async function evaluateBundle(bundle: Bundle, source: SourceOptions, context: Context): Promise<Evaluation> {
  const { problem, lineage, threshold } = bundle.manifest
  const targetColumn = targetSchema(problem)
  const schema = { columns: [...inputSchema(bundle.manifest).columns, targetColumn] }
  const seen = await holdsTrainingRows(bundle, source, context)
  if (seen) context.log.warn('the model was trained on rows of this very file: the figures are too good for new rows')
  await using table = await openTable({ ...source, schema }, context)
  const all = await table.read()
  const rows = rowsWithTarget(columnOf(all, problem.target))
  const frame = takeRows(all, rows)
  const found = targetFromColumn(columnOf(frame, problem.target), targetColumn, problem.task)
  const { target, warnings } = alignClasses(found, problem.classes)
  for (const warning of warnings) context.log.warn(warning)
  await using predictor = await createPredictor(bundle, { threads: context.threads })
  const { predictions } = await predictor.predict(frame)
  const baseline: Predictions = fitBaseline(problem, target).predict(frame.rowCount)
  return await evaluatePredictions({
    problem,
    target,
    predictions,
    baseline,
    threshold: threshold ?? undefined,
    frame,
    schema,
    tableRows: rows,
    protocol: {
      split: `given file ${source.location}${seen ? ', WHICH HOLDS THE ROWS THAT THE MODEL WAS TRAINED ON' : ''}`,
      rows: frame.rowCount,
      trainRows: lineage.rows,
      seed: context.seed,
    },
    context,
  })
}

/** Whether the file is the one that the model was made from. Other files may still share rows with it. */
async function holdsTrainingRows(bundle: Bundle, source: SourceOptions, context: Context): Promise<boolean> {
  const [trainingHash] = bundle.manifest.lineage.dataHash.split('+')
  await using table = await openTable(source, context)
  return (await table.contentHash()) === trainingHash
}

/** How a labelled table for a model is read: its target as a number, or as the text of a class. */
export function targetSchema({ task, target }: Problem): ColumnSchema {
  const isNumber = task === 'regression'
  return {
    name: target,
    type: isNumber ? 'number' : 'category',
    tensor: isNumber ? 'double' : 'string',
    nullable: true,
    evidence: 'declared by the model',
  }
}
