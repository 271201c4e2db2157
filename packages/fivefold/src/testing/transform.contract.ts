import assert from 'node:assert/strict'
import { createContext } from '../core/index.ts'
import type { Column, ColumnSchema, Target } from '../data/index.ts'
import { createGraphBuilder, createSession, type TensorLiteral } from '../onnx/index.ts'
import type { FittedTransform, Transform } from '../prepare/index.ts'

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

export interface ContractCase {
  readonly name: string
  readonly check: () => Promise<void>
}

/**
 * What every transform promises, as named checks for any test runner:
 * `for (const { name, check } of transformContract(subject)) it(name, check)`.
 */
export function transformContract(subject: TransformSubject): ContractCase[] {
  const { transform, column, training, probe } = subject
  const fit = () =>
    transform.fit(
      { column, values: training, rowCount: lengthOf(training), target: subject.target, context: createContext() },
      subject.options,
    )
  const applied = (fitted: FittedTransform, values: Column) => fitted.apply(values, lengthOf(values))
  return [
    {
      name: 'names as many features as it makes, one value a row, none infinite',
      async check() {
        const { fitted, training: outOfFold } = fit()
        for (const features of [applied(fitted, training), applied(fitted, probe), ...(outOfFold ? [outOfFold] : [])]) {
          assert.equal(features.length, fitted.featureNames(column.name).length)
          for (const values of features)
            assert.ok(values.every((value) => Number.isFinite(value) || Number.isNaN(value)))
        }
        for (const values of applied(fitted, probe)) assert.equal(values.length, lengthOf(probe))
      },
    },
    {
      name: 'learns the same from the same rows',
      async check() {
        const [first, second] = [fit(), fit()]
        assert.deepEqual(second.fitted.state, first.fitted.state)
        assert.deepEqual(second.training, first.training)
      },
    },
    {
      name: 'survives JSON',
      async check() {
        const { fitted } = fit()
        const revived = transform.revive(JSON.parse(JSON.stringify(fitted.state)))
        assert.deepEqual(revived.featureNames(column.name), fitted.featureNames(column.name))
        assert.equal(revived.groupKey, fitted.groupKey)
        assert.deepEqual(applied(revived, probe), applied(fitted, probe))
      },
    },
    {
      name: 'gives the same numbers in the graph, for many rows and for one',
      async check() {
        const { fitted } = fit()
        for (const values of [training, probe, ...rowsOf(probe).slice(0, 20)]) {
          if (hasForbiddenMissing(column, values)) continue
          assertClose(await runGraph(fitted, [column], [values]), applied(fitted, values))
        }
      },
    },
    {
      name: 'compiles two columns beside each other',
      async check() {
        const { fitted } = fit()
        const values = hasForbiddenMissing(column, probe) ? training : probe
        const twice = [...applied(fitted, values), ...applied(fitted, values)]
        const other = { ...column, name: `${column.name} again` }
        assertClose(await runGraph(fitted, [column, other], [values, values]), twice)
      },
    },
    {
      name: 'refuses state and columns that are not its own',
      async check() {
        assert.throws(() => transform.revive('nonsense'), { code: 'FEATURE_INVALID' })
        const { unfit } = subject
        if (!unfit) return
        const input = { column: unfit, values: training, rowCount: lengthOf(training), target: subject.target }
        assert.throws(() => transform.fit({ ...input, context: createContext() }, subject.options), {
          code: 'FEATURE_INVALID',
        })
      },
    },
  ]
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
  const builder = createGraphBuilder({ name: 'contract' })
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
