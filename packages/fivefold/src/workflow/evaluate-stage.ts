import { join } from 'node:path'
import type { Profile } from '../analyze/index.ts'
import { createPredictor, type Predictor } from '../bundle/index.ts'
import { version, writeFileAtomic } from '../core/index.ts'
import { type ColumnSchema, takeRows } from '../data/index.ts'
import {
  type Evaluation,
  evaluatePredictions,
  type LabelIssues,
  type Latency,
  labelIssues,
  measureLatency,
  type PermutationImportance,
  permutationImportance,
  renderEvaluationHtml,
  rowNamesOf,
} from '../evaluate/index.ts'
import { fitBaseline, heldOutTarget } from '../train/index.ts'
import { candidatesSection } from './candidates-section.ts'
import type { EvaluateInput } from './evaluate-input.ts'
import { writeModelBundle } from './model-bundle.ts'
import type { Registered } from './register-stage.ts'
import type { RunRecord } from './run-record.ts'
import { sampledRows, sampleWarnings } from './sampled-rows.ts'

export interface Evaluated {
  readonly evaluation: Evaluation
  /** `run.json` without its stages, which are still under way. */
  record(registered: Registered | undefined): Omit<RunRecord, 'stages'>
}

/** Phase 4: the assembled graph on raw test columns, against the baseline, with report, model card and bundle. */
export function runEvaluateStage(input: EvaluateInput): Promise<Evaluated> {
  const { data, stages, problem, trained, paths } = input
  return stages.run('evaluate', async (stage) => {
    const predictor = await createPredictor({
      model: trained.model,
      problem,
      inputs: trained.inputs,
      outputs: trained.outputs,
    })
    try {
      const evaluation = await stage.remember('evaluation', [data.hash, problem, input.protocol, trained.model], () =>
        evaluateOnTest(input, predictor),
      )
      const importance = await stage.remember('importance', [data.hash, problem, input.protocol, trained.model], () =>
        importanceOnTest(input, predictor),
      )
      const latency = await measurePredictor(predictor, input)
      const suspects = suspectedLabels(input)
      const html = renderEvaluationHtml(evaluation, {
        model: input.config.name,
        latency,
        sizeBytes: trained.model.byteLength,
        ...(importance && { importance }),
        sections: [candidatesSection(trained, problem.metric, sampledRows(input)?.compared)],
        ...(suspects && { labelIssues: suspects }),
      })
      await writeFileAtomic(join(paths.out, 'reports', 'evaluation.html'), html)
      const json = JSON.stringify({ ...evaluation, ...(importance && { importance }) }, null, 2)
      await writeFileAtomic(join(paths.out, 'reports', 'evaluation.json'), json)
      await writeModelBundle({ ...input, evaluation })
      return { evaluation, record: (registered) => recordOf(input, evaluation, latency, registered) }
    } finally {
      await predictor.close()
    }
  })
}

async function evaluateOnTest(input: EvaluateInput, predictor: Predictor): Promise<Evaluation> {
  const { problem, pool, test, trained, protocol, stages, schema } = input
  stages.context.progress({ stage: 'evaluate', done: 0, note: `predict ${test.frame.rowCount} test rows` })
  const { predictions } = await predictor.predict(test.frame)
  return evaluatePredictions({
    problem,
    target: test.target,
    predictions,
    baseline: fitBaseline(problem, pool.target).predict(test.frame.rowCount),
    threshold: trained.threshold ?? undefined,
    frame: test.frame,
    schema: { columns: schema.columns.filter((column) => mayBeSliced(column, input)) },
    tableRows: test.rows,
    protocol: {
      split: protocol.description,
      rows: test.frame.rowCount,
      seed: stages.context.seed,
      trainRows: trained.fittedRows,
    },
    context: stages.context,
  })
}

/** What was dropped often gives the target away, and slices by it would say so and nothing else. */
function mayBeSliced({ name, type }: ColumnSchema, { data, problem }: EvaluateInput): boolean {
  return !data.drop.includes(name) || type === 'identifier' || problem.protectedColumns.includes(name)
}

/** Null where the test rows do not define the metric. */
async function importanceOnTest(
  { problem, test, trained, stages }: EvaluateInput,
  predictor: Predictor,
): Promise<PermutationImportance | null> {
  const found = await permutationImportance({
    predict: async (frame) => (await predictor.predict(frame)).predictions,
    frame: test.frame,
    target: test.target,
    columns: trained.inputs.map(({ name }) => name),
    metric: problem.metric,
    threshold: trained.threshold ?? undefined,
    context: stages.context,
  })
  return found ?? null
}

const TIMED_ROWS = 200
const BATCH_ROWS = 1_000

/** Timed on real test rows, through the same predictor that serving uses. */
function measurePredictor(predictor: Predictor, { test, stages }: EvaluateInput): Promise<Latency> {
  const { rowCount } = test.frame
  const singles = Array.from({ length: Math.min(TIMED_ROWS, rowCount) }, (_, row) =>
    takeRows(test.frame, Uint32Array.of(row)),
  )
  const batch = takeRows(
    test.frame,
    Uint32Array.from({ length: Math.min(BATCH_ROWS, rowCount) }, (_, row) => row),
  )
  let call = 0
  return measureLatency(
    async () => void (await predictor.predict(singles[call++ % singles.length]!)),
    { rows: batch.rowCount, predict: async () => void (await predictor.predict(batch)) },
    { signal: stages.context.signal },
  )
}

const SHOWN_LABEL_ISSUES = 100

/** Rows numbered as in the table. Only for classes, and for rows that the predicting models had not seen. */
function suspectedLabels({ trained, train, schema }: EvaluateInput): LabelIssues | undefined {
  const { rows, predictions } = trained.heldOut
  if (predictions.kind !== 'classes') return undefined
  const { issues, share } = labelIssues(heldOutTarget(train.target, trained.heldOut), predictions.probabilities)
  const { idColumn, nameOf } = rowNamesOf(train.frame, schema)
  const shown = issues.slice(0, SHOWN_LABEL_ISSUES).map((issue) => {
    const row = rows[issue.row]!
    return { ...issue, ...nameOf(row), row: train.rows[row]! }
  })
  return { share, issues: shown, ...(idColumn !== undefined && { idColumn }) }
}

function recordOf(
  input: EvaluateInput,
  evaluation: Evaluation,
  latency: Latency,
  registered: Registered | undefined,
): Omit<RunRecord, 'stages'> {
  const { problem, trained, data, pool, protocol, profile } = input
  const sampled = sampledRows(input)
  return {
    fivefold: version,
    task: problem.task,
    target: problem.target,
    metric: problem.metric,
    ...(problem.classes.length === 2 && { positiveClass: problem.classes[1]! }),
    seed: input.stages.context.seed,
    data: {
      hash: data.hash,
      rows: data.table.rowCount,
      columns: data.table.schema.columns.length,
      version: input.dataVersion,
    },
    baseline: { estimator: fitBaseline(problem, pool.target).estimator, metrics: evaluation.baseline },
    leaderboard: trained.leaderboard,
    test: {
      rows: input.test.frame.rowCount,
      metrics: evaluation.metrics,
      ...(evaluation.regression && { bias: evaluation.regression.bias }),
      protocol: protocol.description,
    },
    criteria: evaluation.criteria,
    model: {
      path: 'model',
      sizeBytes: trained.model.byteLength,
      estimator: trained.estimator,
      threshold: trained.threshold,
      latencyMs: { p50: latency.p50, p95: latency.p95, p99: latency.p99 },
      batchRowsPerSecond: latency.batch!.rowsPerSecond,
      ...(registered && { version: registered.version }),
    },
    ...(sampled && { sampled }),
    warnings: [
      ...sampleWarnings(sampled),
      ...input.warnings,
      ...seriousIssues(profile, data.drop),
      ...(registered?.warning ? [registered.warning] : []),
    ],
  }
}

/** What the profile found wrong, but for columns that are dropped anyway. */
function seriousIssues({ issues }: Profile, dropped: readonly string[]): string[] {
  const concerns = (columns: readonly string[]): boolean =>
    columns.length === 0 || columns.some((column) => !dropped.includes(column))
  return issues.filter(({ severity, columns }) => severity === 'bad' && concerns(columns)).map(({ title }) => title)
}
