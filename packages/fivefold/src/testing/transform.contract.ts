import assert from 'node:assert/strict'
import { createContext } from '../core/index.ts'
import type { Column, ColumnSchema, Target } from '../data/index.ts'
import { createGraphBuilder, createSession, type TensorLiteral } from '../onnx/index.ts'
import type { FittedTransform, Transform } from '../prepare/index.ts'
import type { ContractCase } from './contract.ts'

export interface TransformSubject {
  readonly transform: Transform
  readonly options: unknown
  readonly column: ColumnSchema
  /** Training rows, with their targets. */
  readonly training: Column
  readonly target: Target
  /** Other rows: unseen levels, missing values, extremes. */
  readonly probe: Column
  /** A column that the transform must refuse. */
  readonly unfit?: ColumnSchema
}

/**
 * What every transform promises, as named checks for any test runner:
 * `for (const { name, check } of transformContract) it(name, () => check(subject))`.
 */
export const transformContract: readonly ContractCase<TransformSubject>[] = [
  { name: 'names as many features as it makes, one value a row, none infinite', check: featuresAreWellFormed },
  { name: 'learns the same from the same rows', check: isDeterministic },
  { name: 'survives JSON', check: survivesJson },
  { name: 'gives the same numbers in the graph, for many rows and for one', check: graphAgrees },
  { name: 'compiles two columns beside each other', check: compilesTogether },
  { name: 'refuses state and columns that are not its own', check: refusesStrangers },
]

function fit({ transform, column, training, target, options }: TransformSubject) {
  const input = { column, values: training, rowCount: lengthOf(training), target, context: createContext() }
  return transform.fit(input, options)
}

const applied = (fitted: FittedTransform, values: Column): Float32Array[] => fitted.apply(values, lengthOf(values))

async function featuresAreWellFormed(subject: TransformSubject): Promise<void> {
  const { fitted, training } = fit(subject)
  const onProbe = applied(fitted, subject.probe)
  for (const features of [applied(fitted, subject.training), onProbe, ...(training ? [training] : [])]) {
    assert.equal(features.length, fitted.featureNames(subject.column.name).length)
    for (const values of features) assert.ok(values.every((value) => Number.isFinite(value) || Number.isNaN(value)))
  }
  for (const values of onProbe) assert.equal(values.length, lengthOf(subject.probe))
}

async function isDeterministic(subject: TransformSubject): Promise<void> {
  const [first, second] = [fit(subject), fit(subject)]
  assert.deepEqual(second.fitted.state, first.fitted.state)
  assert.deepEqual(second.training, first.training)
}

async function survivesJson(subject: TransformSubject): Promise<void> {
  const { fitted } = fit(subject)
  const revived = subject.transform.revive(JSON.parse(JSON.stringify(fitted.state)))
  assert.deepEqual(revived.featureNames(subject.column.name), fitted.featureNames(subject.column.name))
  assert.equal(revived.groupKey, fitted.groupKey)
  assert.deepEqual(applied(revived, subject.probe), applied(fitted, subject.probe))
}

async function graphAgrees(subject: TransformSubject): Promise<void> {
  const { fitted } = fit(subject)
  for (const values of [subject.training, subject.probe, ...rowsOf(subject.probe).slice(0, 20)]) {
    if (hasForbiddenMissing(subject.column, values)) continue
    assertClose(await runGraph(fitted, [subject.column], [values]), applied(fitted, values))
  }
}

async function compilesTogether(subject: TransformSubject): Promise<void> {
  const { fitted } = fit(subject)
  const values = hasForbiddenMissing(subject.column, subject.probe) ? subject.training : subject.probe
  const twin = { ...subject.column, name: `${subject.column.name} again` }
  const twice = [...applied(fitted, values), ...applied(fitted, values)]
  assertClose(await runGraph(fitted, [subject.column, twin], [values, values]), twice)
}

async function refusesStrangers(subject: TransformSubject): Promise<void> {
  assert.throws(() => subject.transform.revive('nonsense'), { code: 'FEATURE_INVALID' })
  const { unfit } = subject
  if (unfit) assert.throws(() => fit({ ...subject, column: unfit }), { code: 'FEATURE_INVALID' })
}

const lengthOf = (values: Column): number => (values.kind === 'number' ? values.values.length : values.codes.length)

const rowsOf = (values: Column): Column[] =>
  values.kind === 'number'
    ? Array.from(values.values, (value) => ({ kind: 'number', values: Float64Array.of(value) }))
    : Array.from(values.codes, (code) => ({
        kind: 'string',
        codes: Int32Array.of(code),
        dictionary: values.dictionary,
      }))

/** Columns of integers and booleans had no missing value in training, and their tensors have no way to hold one. */
const hasForbiddenMissing = ({ tensor }: ColumnSchema, values: Column): boolean =>
  (tensor === 'int64' || tensor === 'bool') && values.kind === 'number' && values.values.some(Number.isNaN)

/** Features of the graph, one array a feature. */
async function runGraph(
  fitted: FittedTransform,
  columns: readonly ColumnSchema[],
  values: readonly Column[],
): Promise<Float32Array[]> {
  const builder = createGraphBuilder({ name: 'transform-contract' })
  const parts = columns.map((column) => ({
    column,
    fitted,
    raw: builder.input(column.name, column.tensor, ['N', 1]),
  }))
  const outputs = fitted.transform.compile(parts, builder)
  outputs.forEach((output, i) => {
    builder.output(`features ${i}`, output, 'float', ['N', `width ${i}`])
  })
  await using session = await createSession(builder.build())
  const feeds = Object.fromEntries(columns.map((column, i) => [column.name, rawTensor(column, values[i]!)]))
  const results = await session.run(feeds)
  return outputs.flatMap((_, i) => columnsOf(results[`features ${i}`]!))
}

/** A raw column as the tensor that a model graph takes. */
export function rawTensor({ tensor }: ColumnSchema, values: Column): TensorLiteral {
  const shape = [lengthOf(values), 1]
  if (values.kind === 'string') {
    const data = Array.from(values.codes, (code) => (code < 0 ? '' : values.dictionary[code]!))
    return { type: 'string', shape, data }
  }
  if (tensor === 'int64') return { type: tensor, shape, data: BigInt64Array.from(Array.from(values.values, BigInt)) }
  if (tensor === 'bool') return { type: tensor, shape, data: Uint8Array.from(values.values) }
  return { type: 'double', shape, data: values.values }
}

/** The columns of a row-major float tensor [N, features]. */
export function columnsOf(tensor: TensorLiteral): Float32Array[] {
  const [rows = 0, width = 0] = tensor.shape
  const data = tensor.data as Float32Array
  return Array.from({ length: width }, (_, at) =>
    Float32Array.from({ length: rows }, (_, row) => data[row * width + at]!),
  )
}

/** Equal to 1e-6, relative for large values; NaN equals NaN. */
export function assertClose(actual: readonly Float32Array[], expected: readonly Float32Array[]): void {
  assert.equal(actual.length, expected.length, 'number of features')
  for (const [at, values] of expected.entries()) {
    for (const [row, value] of values.entries()) {
      const got = actual[at]![row]!
      const same = Object.is(got, value) || Math.abs(got - value) <= 1e-6 * Math.max(1, Math.abs(value))
      assert.ok(same, `feature ${at}, row ${row}: the graph gives ${got}, memory ${value}`)
    }
  }
}
