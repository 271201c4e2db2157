/**
 * An LSTM forecasts how many flights depart in the next hour, from the two days before: half a year of flights, counted in
 * DuckDB. It must beat the usual guess, the same hour a week ago.
 */
import assert from 'node:assert/strict'
import { openTable } from 'fivefold/data'
import {
  adam,
  createArrayDataset,
  createLoader,
  defineNetwork,
  defineSchedule,
  dense,
  lstm,
  meanAbsolute,
  tensor,
  trainNetwork,
} from 'fivefold/neural'
import { floats } from 'fivefold/onnx'
import { timeChart } from 'fivefold/report'
import { choose, recipeContext, reportTraining, saveModel, savePicture } from './recipe.ts'

const HOUR = 3_600_000
const WEEK = 7 * 24
const STEPS = 48
const FEATURES = 6
/** Flights, so that what the network sees lies around 1. */
const UNIT = 100
const context = recipeContext()

const { start, counts } = await countFlights('node_modules/vega-datasets/data/flights-3m.parquet')
const changeOf = (hour: number): number => counts[hour]! - counts[hour - WEEK]!
const firstTestHour = counts.length - 4 * WEEK
const firstValidationHour = firstTestHour - 2 * WEEK
const train = windows(WEEK + STEPS, firstValidationHour, choose(1, 2))
const validation = windows(firstValidationHour, firstTestHour, 1)
const test = windows(firstTestHour, counts.length, 1)

const network = defineNetwork({
  name: 'departures',
  inputs: { hours: tensor('float', STEPS, FEATURES) },
  forward: (scope, { hours }) => {
    const { last } = lstm(scope, 'lstm', hours!, { units: 32 })
    return { forecast: dense(scope, 'head', last, { units: 1 }) }
  },
})

const epochs = choose(12, 7)
const data = createLoader(datasetOf(train), { batchSize: 32 }, context)
const trained = await trainNetwork(
  network,
  {
    data,
    validation: createLoader(datasetOf(validation), { batchSize: 96, sampling: { kind: 'sequential' } }, context),
    targets: { change: tensor('float') },
    loss: meanAbsolute({ output: 'forecast', target: 'change' }),
    optimizer: adam({ learningRate: 5e-3 }),
    schedule: defineSchedule({ kind: 'oneCycle', steps: epochs * data.batchCount }),
    clipNorm: 1,
    epochs,
  },
  context,
)
await reportTraining('recurrent', trained)

await using session = await saveModel('recurrent', trained.toOnnx())
const answer = await session.run({ hours: floats(test.hours, [test.at.length, STEPS, FEATURES]) })
const forecast = Array.from(
  answer.forecast!.data as Float32Array,
  (value, i) => counts[test.at[i]! - WEEK]! + UNIT * value,
)
const truth = test.at.map((hour) => counts[hour]!)
const weekBefore = test.at.map((hour) => counts[hour - WEEK]!)
const pointsOf = (values: readonly number[]) =>
  values.slice(0, WEEK).map((value, i) => ({ time: start + test.at[i]! * HOUR, value }))
await savePicture(
  'recurrent-forecast.svg',
  timeChart({
    label: 'Departures by hour in the first week of the test: what happened, and what was forecast an hour before',
    series: [
      { name: 'departures', points: pointsOf(truth) },
      { name: 'forecast', points: pointsOf(forecast) },
    ],
    y: 'departures',
  }),
)
const [ours, guess] = [meanError(forecast), meanError(weekBefore)]
console.log(`off by ${ours.toFixed(0)} flights an hour; the same hour a week before is off by ${guess.toFixed(0)}`)
assert.ok(ours < choose(0.82, 0.9) * guess, 'the network did not learn')

/** Departures by hour; hours without any are in the file only by their absence. */
async function countFlights(location: string) {
  await using table = await openTable({ location })
  const rows = await table.query(
    `SELECT epoch_ms(time_bucket(INTERVAL '1 hour', date)) AS hour, count(*) AS flights FROM data GROUP BY 1 ORDER BY 1`,
  )
  const start = Number(rows[0]!.hour)
  const counts = new Float64Array((Number(rows.at(-1)!.hour) - start) / HOUR + 1)
  for (const { hour, flights } of rows) counts[(Number(hour) - start) / HOUR] = Number(flights)
  return { start, counts }
}

/**
 * Step i of a window stands for an hour: how far the hour before it was from its week before, what the hour itself had a week
 * ago, and clock and weekday. All of it is known before the hour begins. The target is how far it will be from its week before.
 */
function windows(from: number, to: number, every: number) {
  const at = Array.from({ length: Math.floor((to - from) / every) }, (_, i) => from + i * every)
  const hours = at.flatMap((hour) => Array.from({ length: STEPS }, (_, i) => describeHour(hour - STEPS + 1 + i)).flat())
  return { at, hours: Float32Array.from(hours), change: Float32Array.from(at, (hour) => changeOf(hour) / UNIT) }
}

function describeHour(hour: number): number[] {
  const [day, week] = [(2 * Math.PI * hour) / 24, (2 * Math.PI * hour) / WEEK]
  return [
    changeOf(hour - 1) / UNIT,
    counts[hour - WEEK]! / UNIT - 5,
    Math.sin(day),
    Math.cos(day),
    Math.sin(week),
    Math.cos(week),
  ]
}

function datasetOf({ hours, change }: typeof train) {
  return createArrayDataset({ hours: { data: hours, shape: [STEPS, FEATURES] }, change: { data: change } })
}

function meanError(values: readonly number[]): number {
  return values.reduce((sum, value, i) => sum + Math.abs(value - truth[i]!), 0) / truth.length
}
