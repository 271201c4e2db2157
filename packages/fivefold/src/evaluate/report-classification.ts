import {
  type Block,
  type Cell,
  chart,
  columns,
  curveChart,
  formatCount,
  formatFixed,
  formatInterval,
  formatPercent,
  matrixChart,
  type Section,
  section,
  table,
} from '../report/index.ts'
import type { ClassificationDetail, Evaluation } from './evaluation.ts'
import { rowCells, rowColumns } from './row-cells.ts'

const MAX_MATRIX_CLASSES = 25
/** Lines that an eye can still tell apart in one chart. */
const MAX_LINES = 6

export function classificationSections(evaluation: Evaluation): Section[] {
  const { classification } = evaluation
  if (classification === undefined) return []
  return [
    section({
      id: 'ranking',
      title: 'Discrimination and calibration',
      intro:
        'How well the model tells the classes apart at every threshold, and whether its probabilities mean what they say.',
      blocks: [
        columns([rocChart(evaluation, classification)], [prChart(evaluation, classification)]),
        ...lowerCharts(evaluation, classification),
      ],
    }),
    section({
      id: 'errors',
      title: 'Decisions and errors',
      blocks: [
        ...besideEachOther(
          evaluation,
          confusionChart(evaluation, classification),
          errorTable(evaluation, classification),
        ),
        classTable(classification),
      ],
    }),
  ]
}

/** A matrix of many classes takes the whole width. */
function besideEachOther({ classes }: Evaluation, matrix: Block, errors: Block): Block[] {
  return classes.length <= MAX_HALF_WIDTH_CLASSES ? [columns([matrix], [errors])] : [matrix, errors]
}

const MAX_HALF_WIDTH_CLASSES = 6

function shownCurves({ curves }: ClassificationDetail) {
  return curves.filter((curve) => curve.roc.length > 0).slice(0, MAX_LINES)
}

function selectionText(detail: ClassificationDetail): string {
  const shown = shownCurves(detail).length
  const all = detail.perClass.length
  return shown > 1 && shown < all ? ` Each against the rest; the ${shown} most frequent of ${all} classes.` : ''
}

function rocChart({ metrics }: Evaluation, detail: ClassificationDetail): Block {
  const auc = formatInterval(metrics.rocAuc)
  return chart({
    title: 'ROC',
    caption: `Area ${auc}. The diagonal is chance.${selectionText(detail)}`,
    svg: curveChart({
      label: `ROC curve, area ${auc}`,
      x: 'false positive rate',
      y: 'true positive rate',
      xDomain: [0, 1],
      yDomain: [0, 1],
      diagonal: true,
      curves: shownCurves(detail).map(({ name, roc }) => ({
        name,
        points: roc.map((point) => ({ x: point.falsePositiveRate, y: point.truePositiveRate })),
      })),
    }),
  })
}

function prChart({ metrics, classes, protocol }: Evaluation, detail: ClassificationDetail): Block {
  const positives = detail.perClass[1]
  const binary = classes.length === 2 && positives !== undefined
  return chart({
    title: 'Precision and recall',
    caption: `Average precision ${formatInterval(metrics.prAuc)}.${binary ? ` The dashed line is the share of ${classes[1]}.` : ''}`,
    svg: curveChart({
      label: `Precision over recall, average precision ${formatInterval(metrics.prAuc)}`,
      x: 'recall',
      y: 'precision',
      xDomain: [0, 1],
      yDomain: [0, 1],
      ...(binary ? { level: positives.rows / protocol.rows } : {}),
      curves: shownCurves(detail).map(({ name, pr }) => ({
        name,
        points: pr.map((point) => ({ x: point.recall, y: point.precision })),
      })),
    }),
  })
}

function lowerCharts(evaluation: Evaluation, detail: ClassificationDetail): Block[] {
  const calibration = calibrationChart(detail)
  return [evaluation.classes.length === 2 ? columns([calibration], [thresholdChart(evaluation, detail)]) : calibration]
}

function calibrationChart(detail: ClassificationDetail): Block {
  const curves = shownCurves(detail)
  const errors = curves.map(
    ({ name, calibration }) =>
      `${curves.length > 1 ? `${name} ` : ''}${formatFixed(calibration.expectedCalibrationError)}`,
  )
  return chart({
    title: 'Calibration',
    caption: `Bins of equally many rows with 95% intervals; on the diagonal a probability means its frequency. Expected calibration error ${errors.join(', ')}.`,
    svg: curveChart({
      label: `Calibration curve, expected calibration error ${errors.join(', ')}`,
      x: 'predicted probability',
      y: 'observed share',
      xDomain: [0, 1],
      yDomain: [0, 1],
      diagonal: true,
      curves: curves.map(({ name, calibration }) => ({
        name,
        dots: true,
        points: calibration.bins.map((bin) => ({
          x: bin.predicted,
          y: bin.observed,
          // Bands of several classes would hide each other.
          ...(curves.length === 1 ? { low: bin.low, high: bin.high } : {}),
        })),
      })),
    }),
  })
}

/** What each threshold would give: the trade-off that the chosen one settles. */
function thresholdChart({ threshold = 0.5 }: Evaluation, detail: ClassificationDetail): Block {
  const points = detail.curves[0]!.pr.filter((point) => point.threshold <= 1)
  const f1 = (precision: number, recall: number): number =>
    precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
  const lines = [
    { name: 'precision', of: (point: (typeof points)[number]) => point.precision },
    { name: 'recall', of: (point: (typeof points)[number]) => point.recall },
    { name: 'F1', of: (point: (typeof points)[number]) => f1(point.precision, point.recall) },
  ]
  return chart({
    title: 'Threshold',
    caption: `The vertical line is the chosen threshold, ${formatFixed(threshold)}; it was chosen on validation rows, not on these.`,
    svg: curveChart({
      label: `Precision, recall and F1 over the threshold; chosen ${formatFixed(threshold)}`,
      x: 'threshold',
      y: 'value',
      xDomain: [0, 1],
      yDomain: [0, 1],
      mark: threshold,
      curves: lines.map(({ name, of }) => ({
        name,
        points: points.map((point) => ({ x: point.threshold, y: of(point) })),
      })),
    }),
  })
}

function confusionChart({ classes }: Evaluation, { confusion, perClass }: ClassificationDetail): Block {
  const order = [...perClass.keys()].sort((a, b) => perClass[b]!.rows - perClass[a]!.rows || a - b)
  const shown = order.slice(0, MAX_MATRIX_CLASSES).sort((a, b) => a - b)
  const names = shown.map((k) => classes[k]!)
  const left = classes.length > shown.length ? ` The ${shown.length} most frequent of ${classes.length} classes.` : ''
  const values = shown.map((actual) => shown.map((predicted) => confusion[actual]![predicted]!))
  const shares = values.map((row, i) => row.map((count) => count / Math.max(1, perClass[shown[i]!]!.rows)))
  const isSmall = shown.length <= MAX_HALF_WIDTH_CLASSES
  const textOf = (count: number, share: number): string => {
    // Zeros of many classes are what hides the errors.
    if (count === 0 && !isSmall) return ''
    return isSmall ? `${formatCount(count)}\n${formatPercent(share, 0)}` : formatCount(count)
  }
  return chart({
    title: 'Confusion matrix',
    caption: `Test rows${isSmall ? ', and their share of the actual class' : ''}; shaded by the share of the actual class.${left}`,
    svg: matrixChart({
      label: `Confusion matrix of ${names.join(', ')}`,
      rows: names,
      columns: names,
      values,
      shades: shares,
      texts: values.map((row, i) => row.map((count, k) => textOf(count, shares[i]![k]!))),
      x: 'predicted',
      y: 'actual',
      unit: 'count',
    }),
  })
}

function classTable({ perClass }: ClassificationDetail): Block {
  return table({
    caption: 'By class',
    columns: [
      { label: 'Class' },
      { label: 'Rows', kind: 'number' },
      { label: 'Precision', kind: 'number' },
      { label: 'Recall', kind: 'number' },
      { label: 'F1', kind: 'number' },
    ],
    rows: perClass.map(({ name, rows, precision, recall, f1 }): Cell[] => [
      name,
      formatCount(rows),
      formatInterval(precision),
      formatInterval(recall),
      formatInterval(f1),
    ]),
  })
}

function errorTable({ idColumn }: Evaluation, { largestErrors }: ClassificationDetail): Block {
  return table({
    caption: 'Most confident errors',
    openRows: 8,
    columns: [
      ...rowColumns(idColumn),
      { label: 'Actual' },
      { label: 'Predicted' },
      { label: 'Given to actual', kind: 'number' },
    ],
    rows: largestErrors.map((error): Cell[] => [
      ...rowCells(error, idColumn),
      error.actual,
      error.predicted,
      formatPercent(error.probability),
    ]),
  })
}
