import {
  type Block,
  type Cell,
  chart,
  columns,
  curveChart,
  formatAlike,
  formatCount,
  formatPercent,
  histogramChart,
  type Section,
  scatterChart,
  section,
  table,
} from '../report/index.ts'
import { biasText } from './bias-text.ts'
import type { Evaluation, RegressionDetail } from './evaluation.ts'
import { rowCells, rowColumns } from './row-cells.ts'

export function regressionSections({ regression, target, idColumn }: Evaluation): Section[] {
  if (regression === undefined) return []
  return [
    section({
      id: 'residuals',
      title: 'Residuals',
      intro: `Actual minus predicted, in the unit of ${target}. ${biasText(regression)}`,
      blocks: [
        columns([scatter(regression)], [residualsByPrediction(regression)]),
        columns([residualHistogram(regression)], [reliability(regression)]),
        quantileTable(regression),
      ],
    }),
    section({ id: 'errors', title: 'Largest errors', blocks: [errorTable(regression, idColumn)] }),
  ]
}

function scatter({ points }: RegressionDetail): Block {
  return chart({
    title: 'Actual against predicted',
    caption: `${formatCount(points.length)} rows, evenly spread over the predictions. The line is a perfect prediction.`,
    svg: scatterChart({
      label: 'Actual against predicted values',
      points: points.map(({ actual, predicted }) => ({ x: predicted, y: actual })),
      x: 'predicted',
      y: 'actual',
      diagonal: true,
    }),
  })
}

function residualsByPrediction({ byPredicted }: RegressionDetail): Block {
  return chart({
    title: 'Residuals over the prediction',
    caption:
      'Median, and the band that holds 80% of the rows, in bins of equally many rows. A slope or a widening band is structure that the model misses.',
    svg: curveChart({
      label: 'Residuals over the predicted value',
      x: 'predicted',
      y: 'actual − predicted',
      level: 0,
      curves: [
        {
          name: 'median residual',
          dots: true,
          points: byPredicted.map((bin) => ({
            x: bin.predicted,
            y: bin.residualMedian,
            low: bin.residualLow,
            high: bin.residualHigh,
          })),
        },
      ],
    }),
  })
}

function residualHistogram({ residualHistogram: bins }: RegressionDetail): Block {
  return chart({
    title: 'Distribution of residuals',
    caption: 'Between the 0.5% and the 99.5% quantile; the outer bins take what lies beyond.',
    svg: histogramChart({
      label: 'Histogram of residuals',
      width: 420,
      height: 260,
      x: 'actual − predicted',
      bins: bins.map(({ low, high, rows }) => ({ from: low, to: high, count: rows })),
    }),
  })
}

function reliability({ byPredicted }: RegressionDetail): Block {
  const ends = byPredicted.flatMap((bin) => [bin.predicted, bin.actual])
  const line = [Math.min(...ends), Math.max(...ends)]
  return chart({
    title: 'Calibration',
    caption: 'Mean actual over mean predicted value of each bin; off the dashed line the level is wrong.',
    svg: curveChart({
      label: 'Mean actual over mean predicted value',
      x: 'mean predicted',
      y: 'mean actual',
      curves: [
        { name: 'model', dots: true, points: byPredicted.map((bin) => ({ x: bin.predicted, y: bin.actual })) },
        { name: 'perfect', points: line.map((value) => ({ x: value, y: value })) },
      ],
    }),
  })
}

function quantileTable({ residualQuantiles }: RegressionDetail): Block {
  return table({
    caption: 'Quantiles of the residuals',
    columns: [
      { label: '' },
      ...residualQuantiles.map(({ probability }) => ({ label: formatPercent(probability), kind: 'number' as const })),
    ],
    rows: [['actual − predicted', ...formatAlike(residualQuantiles.map(({ value }) => value))]],
  })
}

function errorTable({ largestErrors }: RegressionDetail, idColumn: string | undefined): Block {
  const numbers = ['Actual', 'Predicted', 'Actual − predicted']
  const shown = [
    formatAlike(largestErrors.map(({ actual }) => actual)),
    formatAlike(largestErrors.map(({ predicted }) => predicted)),
    formatAlike(largestErrors.map(({ actual, predicted }) => actual - predicted)),
  ]
  return table({
    caption: 'Rows that the model misses most',
    openRows: 10,
    columns: [...rowColumns(idColumn), ...numbers.map((label) => ({ label, kind: 'number' as const }))],
    rows: largestErrors.map((error, at): Cell[] => [...rowCells(error, idColumn), ...shown.map((texts) => texts[at]!)]),
  })
}
