import { setImmediate } from 'node:timers/promises'
import { type Context, FivefoldError, forkContext, throwIfCancelled } from '../../core/index.ts'
import type { Frame, Predictions, Schema, Target } from '../../data/index.ts'
import { findingOf } from './comparison.ts'
import { compareJointly } from './domain-classifier.ts'
import type { DriftReport } from './drift-report.ts'
import { type Examined, examineColumn } from './examine-column.ts'
import { type ExaminedPredictions, examinePredictions } from './examine-predictions.ts'
import type { Finding, TestPlan } from './finding.ts'
import { judge, type Verdicts } from './judge.ts'
import { drawsNeeded } from './monte-carlo.ts'
import { NO_CHUNKS, planChunks } from './reference-variation.ts'

export interface DetectDriftInput {
  readonly reference: Frame
  readonly current: Frame
  /** Columns that are compared; both frames have them. */
  readonly schema: Schema
  readonly predictions?: { readonly reference: Predictions; readonly current: Predictions }
  /** Needs `predictions`. Labels of the reference calibrate the estimate of performance; those of both sides add tests of errors. */
  readonly labels?: { readonly reference?: Target; readonly current?: Target }
  /** Decision threshold of a two-class model. Default 0.5. */
  readonly threshold?: number
  /** Probability that the whole report raises any alarm although nothing has changed. Default 0.05. */
  readonly falseAlarmRate?: number
  /** Effect beyond sampling below which nothing alarms, in the units of `EffectUnit`. Default 0.01: one row in a hundred. */
  readonly minimumEffect?: number
  /**
   * Weight of each column in Benjamini-Hochberg (Genovese, Roeder and Wasserman, 2006): a feature's importance, say.
   * Scaled to a mean of 1 over all tests; absent columns weigh 1; 0 leaves a column out. The false-alarm rate holds.
   */
  readonly weights?: Readonly<Record<string, number>>
  /**
   * Whether the order of the reference rows is time. Then windows must differ more than consecutive chunks of the
   * reference did. Default: 'time' where a datetime column of the schema ascends through the reference.
   */
  readonly referenceOrder?: 'time' | 'none'
  readonly context: Context
}

/**
 * Compares current rows with reference rows: each column's missing share and values, the predictions, and all columns
 * together. Every test is calibrated by both sample sizes, and Benjamini-Hochberg over all of them keeps the false-alarm
 * rate of the report. Throws DATA_EMPTY, DATA_COLUMN_UNKNOWN, DATA_TYPE_MISMATCH, OPTION_INVALID, METRIC_INPUT, CANCELLED.
 */
export async function detectDrift(input: DetectDriftInput): Promise<DriftReport> {
  checkInput(input)
  const { reference, current, schema, falseAlarmRate = 0.05, minimumEffect = 0.01 } = input
  const context = forkContext(input.context, 'drift')
  const plan = testPlan(input, falseAlarmRate, context)
  const columns = await examineColumns(input, plan, context)
  const predicted = examineAnswers(input, plan, context)
  const jointly = findingOf(
    'all columns',
    'jointly',
    compareJointly(reference, current, jointColumns(schema), fork(plan, 'jointly')),
  )
  throwIfCancelled(context.signal)
  const findings: Finding[] = [...columns, ...(predicted?.examined ?? [])]
    .flatMap((examined) => examined.findings)
    .concat(jointly)
  const verdicts = judge(findings, { falseAlarmRate, minimumEffect, weights: input.weights ?? {} })
  const joint = verdicts.testsOf(jointly)[0]
  return {
    format: 'fivefold.drift/1',
    drift: verdicts.anyAlarm,
    falseAlarmRate,
    procedure: procedure(findings.length, falseAlarmRate, minimumEffect, plan.chunks),
    rows: { reference: reference.rowCount, current: current.rowCount },
    referenceChunks: plan.chunks,
    seed: context.seed,
    columns: columns.map((examined) => reported(examined, verdicts)),
    predictions: (predicted?.examined ?? []).map((examined) => reported(examined, verdicts)),
    ...(joint ? { jointly: joint } : {}),
    ...(predicted ? { performance: predicted.performance } : {}),
  }
}

async function examineColumns(
  { reference, current, schema }: DetectDriftInput,
  plan: TestPlan,
  context: Context,
): Promise<Examined[]> {
  const examined: Examined[] = []
  for (const [done, column] of schema.columns.entries()) {
    throwIfCancelled(context.signal)
    examined.push(examineColumn(column, reference, current, fork(plan, `column/${column.name}`)))
    context.progress({ stage: 'drift', done: done + 1, total: schema.columns.length, note: column.name })
    // An interruption is noticed only when the event loop turns.
    await setImmediate()
  }
  return examined
}

function examineAnswers(
  { predictions, labels, threshold }: DetectDriftInput,
  plan: TestPlan,
  context: Context,
): ExaminedPredictions | undefined {
  if (predictions === undefined) return undefined
  const sides = { ...predictions, ...(labels ? { labels } : {}), ...(threshold === undefined ? {} : { threshold }) }
  return examinePredictions(sides, fork(plan, 'predictions'), context)
}

function reported({ findings, ...rest }: Examined, verdicts: Verdicts): DriftReport['columns'][number] {
  const tests = verdicts.testsOf(findings)
  return { ...rest, alarm: tests.some((test) => test.alarm), tests }
}

function testPlan(input: DetectDriftInput, falseAlarmRate: number, context: Context): TestPlan {
  const expectedTests = 2 * input.schema.columns.length + 5
  const clock = clockOf(input)
  const ordered = (input.referenceOrder ?? (clock === undefined ? 'none' : 'time')) === 'time'
  return {
    rng: context.rng,
    maxDraws: drawsNeeded(expectedTests, falseAlarmRate),
    ...(ordered ? planChunks(...lengthsOf(input, clock), input.reference.rowCount) : NO_CHUNKS),
  }
}

/**
 * How long both sides last, in time where they tell it: a reference is often a sample, so that a window of few days has
 * as many rows as weeks of the reference, and its weekdays are to be compared with chunks of few days.
 */
function lengthsOf({ reference, current }: DetectDriftInput, clock: string | undefined): [number, number] {
  const spans = [reference, current].map((frame) => (clock === undefined ? 0 : spanOf(frame, clock)))
  return spans[0]! > 0 && spans[1]! > 0 ? [spans[0]!, spans[1]!] : [reference.rowCount, current.rowCount]
}

function spanOf(frame: Frame, name: string): number {
  const column = frame.columns.get(name)
  if (column?.kind !== 'number') return 0
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const time of column.values) {
    if (time < first) first = time
    if (time > last) last = time
  }
  return last - first
}

/** Streams of their own: adding a column changes no other column's p-value. */
function fork(plan: TestPlan, name: string): TestPlan {
  return { ...plan, rng: plan.rng.fork(name) }
}

/** The datetime column in whose order the reference stands. */
function clockOf({ schema, reference }: DetectDriftInput): string | undefined {
  return schema.columns.find(({ name, type }) => type === 'datetime' && ascends(reference, name))?.name
}

function ascends(frame: Frame, name: string): boolean {
  const column = frame.columns.get(name)
  if (column?.kind !== 'number') return false
  const times = column.values.filter((value) => !Number.isNaN(value))
  return (
    times.length > 1 &&
    times[0]! < times[times.length - 1]! &&
    times.every((time, i) => i === 0 || time >= times[i - 1]!)
  )
}

function jointColumns({ columns }: Schema): string[] {
  return columns
    .filter(({ type }) => ['number', 'integer', 'boolean', 'category'].includes(type))
    .map(({ name }) => name)
}

function procedure(tests: number, falseAlarmRate: number, minimumEffect: number, chunks: number): string {
  const floor = chunks > 0 ? ` and than ${chunks} consecutive chunks of the reference differ among themselves` : ''
  return (
    `Benjamini-Hochberg over ${tests} tests at ${falseAlarmRate}; an alarm is a significant test whose effect beyond ` +
    `sampling is larger than ${minimumEffect}${floor}. Power 0.8 is stated for one drifting aspect among ${tests}.`
  )
}

function checkInput({
  reference,
  current,
  schema,
  predictions,
  falseAlarmRate = 0.05,
  minimumEffect = 0.01,
  labels,
}: DetectDriftInput): void {
  for (const [side, frame] of Object.entries({ reference, current }))
    if (frame.rowCount === 0)
      throw new FivefoldError('DATA_EMPTY', `the ${side} has no rows: there is nothing to compare`)
  if (!(falseAlarmRate > 0 && falseAlarmRate <= 0.5))
    throw new FivefoldError('OPTION_INVALID', `falseAlarmRate is ${falseAlarmRate}; it lies above 0 and is at most 0.5`)
  if (!(minimumEffect >= 0 && minimumEffect < 1))
    throw new FivefoldError('OPTION_INVALID', `minimumEffect is ${minimumEffect}; it is at least 0 and below 1`)
  if (schema.columns.length === 0) throw new FivefoldError('OPTION_INVALID', 'the schema names no column to compare')
  if (labels !== undefined && predictions === undefined)
    throw new FivefoldError('OPTION_INVALID', 'labels are given without predictions to hold them against')
  if (predictions === undefined) return
  for (const [side, frame] of Object.entries({ reference, current })) {
    const rows = predictionRows(predictions[side as 'reference' | 'current'])
    if (rows !== frame.rowCount)
      throw new FivefoldError('MODEL_INPUT', `${rows} predictions for the ${frame.rowCount} rows of the ${side}`)
  }
}

function predictionRows(predictions: Predictions): number {
  return predictions.kind === 'number'
    ? predictions.values.length
    : predictions.probabilities.length / predictions.classes.length
}
