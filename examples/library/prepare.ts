import { createContext, openTable } from 'fivefold'
import { columnOf, takeRows, takeTargetRows, targetFromColumn } from 'fivefold/data'
import {
  fitFeatures,
  frameStatistics,
  inferValidationSchema,
  planFeatures,
  planSplit,
  validateTable,
} from 'fivefold/prepare'

const context = createContext({ seed: 7 })
const location = 'node_modules/vega-datasets/data/birdstrikes.csv'
await using table = await openTable(location)
const [name, frame] = ['Effect Amount of damage', await table.read()]
const targetColumn = table.schema.columns.find((column) => column.name === name)!
const target = targetFromColumn(columnOf(frame, name), targetColumn, 'classification')

// The latest fifth is the test; features are learned from the rows before it.
const { train, test, protocol } = await planSplit(table, { kind: 'time', column: 'Flight Date' }, target, context)
const past = takeRows(frame, train)
const drop = table.schema.columns.map((column) => column.name).filter((column) => column.startsWith('Cost'))
const options = { target: name, drop, family: 'linear', statistics: frameStatistics(past), timeSplit: true } as const
const plan = planFeatures(table.schema, options)
for (const { column, steps } of plan.columns) console.log(column, steps.map((step) => step.kind).join(' -> '))
const { fitted } = await fitFeatures(plan, past, table.schema, takeTargetRows(target, train), context)
const matrix = fitted.transform(takeRows(frame, test))
console.log(`${matrix.names.length} features of ${matrix.rowCount} test rows, from ${protocol.cut} on`)

// What a valid row looks like, and which rows of another file are not valid.
const rules = await inferValidationSchema(table)
await using broken = await openTable({ location, missing: [], derive: { 'Speed IAS in knots': '-1' } })
for (const { message } of (await validateTable(broken, rules)).violations) console.log(message)
