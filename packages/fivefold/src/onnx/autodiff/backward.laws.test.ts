import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOperations, type Operations } from '../graph/operations.ts'
import { createTypedGraph, type TypedGraph } from '../graph/typed-graph.ts'
import type { TypedValue } from '../graph/typed-value.ts'
import { createReferenceEvaluator } from '../reference/evaluator.ts'
import type { TensorLiteral } from '../tensor.ts'
import { writeGradients } from './backward.ts'

type Write = (ops: Operations, a: TypedValue, b: TypedValue) => TypedValue

/** Steps from two [2, 3] values to one; each may be followed by any other. */
const STEPS: readonly Write[] = [
  (ops, a, b) => ops.add(a, b),
  (ops, a, b) => ops.mul(a, b),
  (ops, a) => ops.node('Tanh', [a]),
  (ops, a, b) => ops.node('Sigmoid', [ops.sub(a, b)]),
  (ops, a, b) => ops.matMul(a, ops.matMul(ops.transpose(b, [1, 0]), a)),
  (ops, a) => ops.node('Softmax', [a]),
  (ops, a, b) => ops.slice(ops.concat([a, b], 1), [{ axis: 1, start: 1, end: 4 }]),
  (ops, a) => ops.sub(a, ops.mean(a, [1], true)),
  (ops, a, b) => ops.add(a, ops.sum(b, [0], true)),
]

interface Program {
  readonly steps: readonly { readonly step: number; readonly first: number; readonly second: number }[]
}

const programs: fc.Arbitrary<Program> = fc.record({
  steps: fc.array(fc.record({ step: fc.nat(STEPS.length - 1), first: fc.nat(), second: fc.nat() }), {
    minLength: 1,
    maxLength: 6,
  }),
})

/** Every step reads any two of the values before it, so that values are read in several places. */
function writeLoss(ops: Operations, x: TypedValue, { steps }: Program): TypedValue {
  const values = [x, ops.node('Sin', [x])]
  for (const { step, first, second } of steps)
    values.push(STEPS[step]!(ops, values[first % values.length]!, values[second % values.length]!))
  return ops.sum(values.at(-1)!, [0, 1])
}

const X: TensorLiteral = { type: 'double', shape: [2, 3], data: Float64Array.of(0.3, -0.7, 0.5, 1.1, -0.2, 0.9) }

async function evaluate(write: (graph: TypedGraph, x: TypedValue) => TypedValue, x = X): Promise<number[]> {
  const graph = createTypedGraph({ name: 'law' })
  graph.output('y', write(graph, graph.input('x', 'double', [2, 3])))
  return Array.from((await createReferenceEvaluator(graph.build()).run({ x })).y!.data, Number)
}

const gradientOf = (write: (ops: Operations, x: TypedValue) => TypedValue): Promise<number[]> =>
  evaluate((graph, x) => {
    const ops = createOperations(graph)
    return writeGradients(graph, write(ops, x), [x])[0] ?? ops.zerosLike(x)
  })

const expectClose = (actual: readonly number[], expected: readonly number[], tolerance: number): void => {
  const scale = Math.max(1, ...expected.map(Math.abs))
  expect(
    actual.map((value, i) => Math.abs(value - expected[i]!) / scale).filter((error) => !(error < tolerance)),
  ).toEqual([])
}

describe('gradients of random graphs', () => {
  it('are linear in the loss: d(2 f - 3 g) = 2 df - 3 dg', () =>
    fc.assert(
      fc.asyncProperty(programs, programs, async (f, g) => {
        const together = await gradientOf((ops, x) =>
          ops.sub(ops.scale(writeLoss(ops, x, f), 2), ops.scale(writeLoss(ops, x, g), 3)),
        )
        const [df, dg] = [
          await gradientOf((ops, x) => writeLoss(ops, x, f)),
          await gradientOf((ops, x) => writeLoss(ops, x, g)),
        ]
        expectClose(
          together,
          df.map((value, i) => 2 * value - 3 * dg[i]!),
          1e-9,
        )
      }),
      { numRuns: 60 },
    ))

  it('are the slopes that central differences measure', () =>
    fc.assert(
      fc.asyncProperty(programs, async (f) => {
        const lossAt = async (at: number, by: number): Promise<number> => {
          const data = Float64Array.from(X.data as Float64Array, (value, i) => value + (i === at ? by : 0))
          return (
            await evaluate((graph, x) => writeLoss(createOperations(graph), x, f), {
              type: 'double',
              shape: [2, 3],
              data,
            })
          )[0]!
        }
        const slopes = await Promise.all(
          Array.from({ length: 6 }, async (_, i) => ((await lossAt(i, 1e-5)) - (await lossAt(i, -1e-5))) / 2e-5),
        )
        expectClose(await gradientOf((ops, x) => writeLoss(ops, x, f)), slopes, 1e-5)
      }),
      { numRuns: 60 },
    ))
})
