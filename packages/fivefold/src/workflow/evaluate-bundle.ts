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
 * Measures a bundle on labelled rows that it was not trained on. The baseline knows nothing but the labels of these very
 * rows, which makes it a hard one.
 */
export async function evaluateBundle(bundle: Bundle, source: SourceOptions, context: Context): Promise<Evaluation> {
  const { problem, lineage, threshold } = bundle.manifest
  const targetColumn = targetSchema(problem)
  const schema = { columns: [...inputSchema(bundle.manifest).columns, targetColumn] }
  await using table = await openTable({ ...source, schema }, context)
  const all = await table.read()
  const frame = takeRows(all, rowsWithTarget(columnOf(all, problem.target)))
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
    protocol: {
      split: `given file ${source.location}`,
      rows: frame.rowCount,
      trainRows: lineage.rows,
      seed: context.seed,
    },
    context,
  })
}

function targetSchema({ task, target }: Problem): ColumnSchema {
  const isNumber = task === 'regression'
  return {
    name: target,
    type: isNumber ? 'number' : 'category',
    tensor: isNumber ? 'double' : 'string',
    nullable: true,
    evidence: 'declared by the model',
  }
}
