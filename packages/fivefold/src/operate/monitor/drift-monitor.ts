import { FivefoldError } from '../../core/index.ts'
import {
  type Frame,
  type Predictions,
  selectColumns,
  stackFrames,
  type Target,
  takeRows,
  takeTargetRows,
} from '../../data/index.ts'
import { type DetectDriftInput, detectDrift } from './detect-drift.ts'
import type { DriftReport } from './drift-report.ts'

export interface DriftMonitorOptions extends Omit<DetectDriftInput, 'current' | 'predictions' | 'labels'> {
  readonly referencePredictions?: Predictions
  readonly referenceLabels?: Target
  /** Rows of each window. Windows do not overlap, so that their reports are independent. */
  readonly windowRows: number
}

export interface WindowReport extends DriftReport {
  /** 0-based number of the window, and the rows of the stream that it holds: [start, end). */
  readonly window: { readonly index: number; readonly start: number; readonly end: number }
}

/** Current rows with what the model said of them and, where already known, what was true. */
export interface DriftBatch {
  readonly frame: Frame
  readonly predictions?: Predictions
  readonly labels?: Target
}

export interface DriftMonitor {
  /** Takes rows in the order of time; a report for each window that they complete. Calls may overlap: they are served in turn. */
  push(batch: DriftBatch): Promise<readonly WindowReport[]>
  /** Reports on the rows that wait for a full window; undefined where none do. */
  flush(): Promise<WindowReport | undefined>
  /** Rows that wait for a full window. */
  readonly pendingRows: number
}

/**
 * Watches a stream of rows window by window against one reference. The false-alarm rate is that of each report: over 20
 * windows without drift, 20 times the rate of them are expected to alarm. Throws OPTION_INVALID, MODEL_INPUT.
 */
export function createDriftMonitor(options: DriftMonitorOptions): DriftMonitor {
  if (!(Number.isInteger(options.windowRows) && options.windowRows > 0))
    throw new FivefoldError('OPTION_INVALID', `windowRows is ${options.windowRows}; it is a whole number above 0`)
  let pending: DriftBatch | undefined
  let next = { index: 0, start: 0 }
  let queue: Promise<unknown> = Promise.resolve()

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work)
    queue = result.catch(() => {})
    return result
  }
  const report = async (rows: DriftBatch): Promise<WindowReport> => {
    const { index, start } = next
    const end = start + rows.frame.rowCount
    next = { index: index + 1, start: end }
    return { ...(await detectDrift(windowInput(options, rows))), window: { index, start, end } }
  }
  const takeWindow = (rows: DriftBatch, length: number): DriftBatch => {
    pending = rows.frame.rowCount > length ? sliceBatch(rows, length, rows.frame.rowCount) : undefined
    return sliceBatch(rows, 0, length)
  }
  return {
    push: (batch) =>
      inTurn(async () => {
        checkBatch(options, batch)
        pending = pending === undefined ? batch : joinBatches(pending, batch)
        const reports: WindowReport[] = []
        while (pending !== undefined && pending.frame.rowCount >= options.windowRows)
          reports.push(await report(takeWindow(pending, options.windowRows)))
        return reports
      }),
    flush: () =>
      inTurn(async () => {
        if (pending === undefined || pending.frame.rowCount === 0) return undefined
        return report(takeWindow(pending, pending.frame.rowCount))
      }),
    get pendingRows() {
      return pending?.frame.rowCount ?? 0
    },
  }
}

function windowInput(options: DriftMonitorOptions, { frame, predictions, labels }: DriftBatch): DetectDriftInput {
  const { referencePredictions, referenceLabels, windowRows: _, ...shared } = options
  if (referencePredictions === undefined || predictions === undefined) return { ...shared, current: frame }
  return {
    ...shared,
    current: frame,
    predictions: { reference: referencePredictions, current: predictions },
    labels: { ...(referenceLabels ? { reference: referenceLabels } : {}), ...(labels ? { current: labels } : {}) },
  }
}

function checkBatch({ referencePredictions }: DriftMonitorOptions, { frame, predictions, labels }: DriftBatch): void {
  if ((predictions === undefined) !== (referencePredictions === undefined))
    throw new FivefoldError(
      'MODEL_INPUT',
      'predictions are needed for the reference and for every batch, or for neither',
    )
  if (predictions !== undefined && rowsOf(predictions) !== frame.rowCount)
    throw new FivefoldError('MODEL_INPUT', `${rowsOf(predictions)} predictions for ${frame.rowCount} rows`)
  const labelRows = labels?.kind === 'number' ? labels.values.length : labels?.codes.length
  if (labelRows !== undefined && labelRows !== frame.rowCount)
    throw new FivefoldError('MODEL_INPUT', `${labelRows} labels for ${frame.rowCount} rows`)
}

function rowsOf(predictions: Predictions): number {
  return predictions.kind === 'number'
    ? predictions.values.length
    : predictions.probabilities.length / predictions.classes.length
}

function sliceBatch({ frame, predictions, labels }: DriftBatch, start: number, end: number): DriftBatch {
  const rows = Uint32Array.from({ length: end - start }, (_, i) => start + i)
  return {
    frame: takeRows(frame, rows),
    ...(predictions ? { predictions: slicePredictions(predictions, start, end) } : {}),
    ...(labels ? { labels: takeTargetRows(labels, rows) } : {}),
  }
}

function slicePredictions(predictions: Predictions, start: number, end: number): Predictions {
  if (predictions.kind === 'number') return { kind: 'number', values: predictions.values.slice(start, end) }
  const width = predictions.classes.length
  return { ...predictions, probabilities: predictions.probabilities.slice(start * width, end * width) }
}

function joinBatches(first: DriftBatch, second: DriftBatch): DriftBatch {
  const predictions = first.predictions && second.predictions && joinPredictions(first.predictions, second.predictions)
  // A window's errors are tested only where all of its labels are known.
  const labels = first.labels && second.labels && joinTargets(first.labels, second.labels)
  return {
    frame: stackFrames([first.frame, selectColumns(second.frame, [...first.frame.columns.keys()])]),
    ...(predictions ? { predictions } : {}),
    ...(labels ? { labels } : {}),
  }
}

function joinPredictions(first: Predictions, second: Predictions): Predictions {
  if (first.kind === 'number' && second.kind === 'number')
    return { kind: 'number', values: joinArrays(first.values, second.values) }
  if (first.kind === 'classes' && second.kind === 'classes' && first.classes.join('\n') === second.classes.join('\n'))
    return { ...first, probabilities: joinArrays(first.probabilities, second.probabilities) }
  throw new FivefoldError('MODEL_INPUT', 'batches carry predictions of different kinds or classes')
}

function joinTargets(first: Target, second: Target): Target {
  if (first.kind === 'number' && second.kind === 'number')
    return { kind: 'number', values: joinArrays(first.values, second.values) }
  if (first.kind === 'classes' && second.kind === 'classes' && first.classes.join('\n') === second.classes.join('\n')) {
    const codes = new Int32Array(first.codes.length + second.codes.length)
    codes.set(first.codes)
    codes.set(second.codes, first.codes.length)
    return { ...first, codes }
  }
  throw new FivefoldError('MODEL_INPUT', 'batches carry labels of different kinds or classes')
}

function joinArrays(first: Float64Array, second: Float64Array): Float64Array {
  const joined = new Float64Array(first.length + second.length)
  joined.set(first)
  joined.set(second, first.length)
  return joined
}
