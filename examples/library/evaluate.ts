import { createContext, openTable } from 'fivefold'
import { inferProblem } from 'fivefold/analyze'
import { columnOf, numberColumnOf, type Predictions, targetFromColumn } from 'fivefold/data'
import { evaluatePredictions, renderEvaluationHtml } from 'fivefold/evaluate'
import { fitBaseline } from 'fivefold/train'

// Any predictions can be evaluated; these are of a rule: tomorrow is as warm as today.
const context = createContext({ seed: 7 })
await using table = await openTable({
  location: 'node_modules/vega-datasets/data/seattle-weather.csv',
  derive: { yesterday: 'lag(temp_max) OVER (ORDER BY date)' },
  where: "date > '2012-01-01'",
})
const [frame, schema] = [await table.read(), table.schema]
const problem = await inferProblem(table, { target: 'temp_max', criteria: [{ metric: 'mae', atMost: 2.5 }] })
const targetColumn = schema.columns.find((column) => column.name === 'temp_max')!
const target = targetFromColumn(columnOf(frame, 'temp_max'), targetColumn, problem.task)
const yesterday = numberColumnOf(frame, 'yesterday').values
const predictions: Predictions = { kind: 'number', values: yesterday.map((value, i) => (i === 0 ? 10 : value)) }

const evaluation = await evaluatePredictions({
  ...{ problem, target, predictions, frame, schema, context, threshold: undefined },
  baseline: fitBaseline(problem, target).predict(frame.rowCount),
  protocol: { split: 'all days', rows: frame.rowCount, trainRows: 0, seed: context.seed },
})
console.log('MAE in °C', evaluation.metrics.mae, evaluation.methods.mae)
console.log(`${evaluation.verdict.againstBaseline} than the mean; criteria met: ${evaluation.verdict.criteriaMet}`)
for (const { conditions, rows, effectSize } of evaluation.slices.found.slice(0, 2))
  console.log(
    `weaker where ${conditions.map(({ text }) => text).join(' and ')}: ${rows} rows, ${effectSize.toFixed(2)} sd`,
  )
console.log(`report: ${renderEvaluationHtml(evaluation).length} characters of HTML`)
