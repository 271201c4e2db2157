import type { GraphBuilder, ValueRef } from '../../onnx/index.ts'
import { cast, double, doubles, int64s, joinNumbers, within } from './graph-ops.ts'
import { FLOAT32_MAX, type NumberOp, SCALED_LIMIT } from './number-chain.ts'
import type { TransformGraphInput } from './transform.ts'

/** Chains of the same ops, one a column, as vector operations over [N, columns]. */
export function compileNumberChains(
  b: GraphBuilder,
  parts: readonly (TransformGraphInput & { readonly state: { readonly ops: readonly NumberOp[] } })[],
): ValueRef {
  const chainLength = parts[0]!.state.ops.length
  const to = chainLength === 0 ? 'float' : 'double'
  const missing = double(b, Number.NaN)
  let x = joinNumbers(b, parts, to, (block) => {
    const clean = within(b, block, FLOAT32_MAX, missing)
    return to === 'float' ? cast(b, clean, 'float') : clean
  })
  for (let i = 0; i < chainLength; i++) {
    x = compileOp(
      b,
      x,
      parts.map(({ state }) => state.ops[i]!),
    )
  }
  return to === 'float' ? x : cast(b, x, 'float')
}

type OpOf<Name extends NumberOp['op']> = Extract<NumberOp, { op: Name }>

function compileOp(b: GraphBuilder, x: ValueRef, ops: readonly NumberOp[]): ValueRef {
  switch (ops[0]!.op) {
    case 'fill':
      return compileFill(b, x, ops as readonly OpOf<'fill'>[])
    case 'scale':
      return compileScale(b, x, ops as readonly OpOf<'scale'>[])
    case 'log':
      return b.node('Mul', [b.node('Sign', [x]), b.node('Log', [b.node('Add', [b.node('Abs', [x]), double(b, 1)])])])
    case 'quantile':
      return compileQuantile(b, x, ops as readonly OpOf<'quantile'>[])
  }
}

function compileFill(b: GraphBuilder, x: ValueRef, ops: readonly OpOf<'fill'>[]): ValueRef {
  const fillers = doubles(
    b,
    [1, ops.length],
    ops.map(({ value }) => value),
  )
  return b.node('Where', [b.node('IsNaN', [x]), fillers, x])
}

/**
 * x / deviation - mean / deviation, since ONNX Runtime takes the subtraction of a single value below 2e-16 for none: that
 * is harmless after the division and wrong before it.
 */
function compileScale(b: GraphBuilder, x: ValueRef, ops: readonly OpOf<'scale'>[]): ValueRef {
  const deviations = doubles(
    b,
    [1, ops.length],
    ops.map(({ deviation }) => deviation),
  )
  const means = doubles(
    b,
    [1, ops.length],
    ops.map(({ mean, deviation }) => mean / deviation),
  )
  const scaled = b.node('Sub', [b.node('Div', [x, deviations]), means])
  return b.node('Clip', [scaled, double(b, -SCALED_LIMIT), double(b, SCALED_LIMIT)])
}

/** First level plus, for every segment, its rise times how much of it lies below x. */
function compileQuantile(b: GraphBuilder, x: ValueRef, ops: readonly OpOf<'quantile'>[]): ValueRef {
  // At least two, for the reason given at compileScale.
  const segments = Math.max(2, ...ops.map(({ knots }) => knots.length - 1))
  const starts: number[] = []
  const widths: number[] = []
  const rises: number[] = []
  for (const { knots, levels } of ops) {
    for (let i = 0; i < segments; i++) {
      const real = i + 1 < knots.length
      starts.push(real ? knots[i]! : 0)
      widths.push(real ? knots[i + 1]! - knots[i]! : 1)
      rises.push(real ? levels[i + 1]! - levels[i]! : 0)
    }
  }
  const shape = [1, ops.length, segments]
  const offset = b.node('Sub', [b.node('Unsqueeze', [x, int64s(b, [2])]), doubles(b, shape, starts)])
  const share = b.node('Clip', [b.node('Div', [offset, doubles(b, shape, widths)]), double(b, 0), double(b, 1)])
  const risen = b.node('ReduceSum', [b.node('Mul', [share, doubles(b, shape, rises)]), int64s(b, [2])], {
    keepdims: { int: 0 },
  })
  const first = doubles(
    b,
    [1, ops.length],
    ops.map(({ levels }) => levels[0] ?? 0),
  )
  return b.node('Add', [risen, first])
}
