import type { Rng } from '../../../core/index.ts'

/**
 * Fills a new parameter. One that takes long does so as a generator, and yields after each few milliseconds of work, so that the
 * event loop gets its turn.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: most initialisers return nothing at all
export type Initializer = (values: Float32Array, fan: Fan, rng: Rng) => void | Iterable<undefined>

export interface Fan {
  /** How many inputs one output sums. */
  readonly fanIn: number
  /** How many outputs one input feeds. */
  readonly fanOut: number
}

/** Values that are drawn between two turns of the event loop: a normal one costs some 100 ns. */
const PIECE = 16_384

/** Draws value after value, and yields after each piece. */
function* inPieces(values: Float32Array, draw: () => number): Generator<undefined> {
  for (let from = 0; from < values.length; from += PIECE) {
    drawInto(values.subarray(from, from + PIECE), draw)
    yield
  }
}

function drawInto(values: Float32Array, draw: () => number): void {
  for (let i = 0; i < values.length; i++) values[i] = draw()
}

export const constantFill =
  (value: number): Initializer =>
  (values) => {
    values.fill(value)
  }

export const zeros = constantFill(0)
export const ones = constantFill(1)

export const normal =
  (deviation: number): Initializer =>
  (values, _fan, rng) =>
    inPieces(values, () => deviation * rng.normal())

export const uniform =
  (bound: number): Initializer =>
  (values, _fan, rng) =>
    inPieces(values, () => bound * (2 * rng.next() - 1))

/** Normal, cut at two deviations: what transformers start embeddings with. */
export const truncatedNormal =
  (deviation: number): Initializer =>
  (values, _fan, rng) =>
    inPieces(values, () => deviation * drawWithin(2, rng))

function drawWithin(bound: number, rng: Rng): number {
  let draw = rng.normal()
  while (Math.abs(draw) > bound) draw = rng.normal()
  return draw
}

/** Keeps variance through layers with ReLU (He et al. 2015). */
export const heNormal: Initializer = (values, fan, rng) => normal(Math.sqrt(2 / fan.fanIn))(values, fan, rng)

/** Keeps variance forwards and backwards through layers with tanh or no activation (Glorot & Bengio 2010). */
export const glorotUniform: Initializer = (values, fan, rng) =>
  uniform(Math.sqrt(6 / (fan.fanIn + fan.fanOut)))(values, fan, rng)

/** Uniform within 1/sqrt(fanIn): what PyTorch's Linear, Conv, LSTM and GRU start from. */
export const fanInUniform: Initializer = (values, fan, rng) => uniform(1 / Math.sqrt(fan.fanIn))(values, fan, rng)

/** A random orthogonal matrix (Saxe et al. 2014): rows [fanOut, fanIn], Gram-Schmidt over normal draws; for recurrent weights. */
export const orthogonal: Initializer = function* (values, fan, rng) {
  const columns = fan.fanIn
  const rows = values.length / columns
  for (let row = 0; row < rows; row++) {
    const vector = values.subarray(row * columns, (row + 1) * columns)
    // More rows than columns cannot all be orthogonal: each block of `columns` rows is a basis of its own.
    const firstOfBlock = row - (row % columns)
    drawOrthogonal(vector, values, firstOfBlock, row, rng)
    yield
  }
}

function drawOrthogonal(vector: Float32Array, values: Float32Array, from: number, to: number, rng: Rng): void {
  const size = vector.length
  for (let i = 0; i < size; i++) vector[i] = rng.normal()
  for (let row = from; row < to; row++) {
    const basis = values.subarray(row * size, (row + 1) * size)
    const overlap = dot(vector, basis)
    for (let i = 0; i < size; i++) vector[i]! -= overlap * basis[i]!
  }
  const length = Math.sqrt(dot(vector, vector))
  for (let i = 0; i < size; i++) vector[i]! /= length
}

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0)
