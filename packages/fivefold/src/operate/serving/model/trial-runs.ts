import type { TensorLiteral } from '../../../onnx/index.ts'
import { elementCount, zerosOf } from '../../../onnx/index.ts'
import type { TensorSpec, Tensors } from './servable.ts'
import { sliceTensors, stackTensors } from './tensor-batches.ts'

export interface Trial {
  /** Whether two rows in one run got what each gets alone. */
  readonly isBatched: boolean
  /** Of one row, once the runtime has warmed up; undefined where the model does not take made-up rows. */
  readonly rowMs?: number
}

export interface TriedModel {
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
  run(feeds: Tensors): Promise<Tensors>
}

/**
 * Runs a model on made-up rows: this warms it up, says how long a row takes, and whether requests can share a run. Open
 * first dimensions alone do not say so: they may count words of one text, and a model may normalise over its batch.
 */
export async function tryModel(model: TriedModel, clockMs: () => number): Promise<Trial> {
  const [first, second] = [sampleFeeds(model.inputs, 0), sampleFeeds(model.inputs, 1)]
  try {
    const alone = [await model.run(first), await model.run(second)]
    const startMs = clockMs()
    await model.run(first)
    const rowMs = clockMs() - startMs
    if (!hasOpenRows(model)) return { isBatched: false, rowMs }
    return { isBatched: await sharesRuns(model, [first, second], alone), rowMs }
  } catch {
    return { isBatched: false }
  }
}

const hasOpenRows = ({ inputs, outputs }: TriedModel): boolean =>
  inputs.length > 0 && [...inputs, ...outputs].every(({ shape }) => shape[0] === -1)

async function sharesRuns(model: TriedModel, feeds: readonly Tensors[], alone: readonly Tensors[]): Promise<boolean> {
  try {
    const together = await model.run(stackTensors(feeds))
    return alone.every((expected, row) => isClose(sliceTensors(together, row, row + 1), expected))
  } catch {
    return false
  }
}

/** A row that differs from the next one; open dimensions have the size 1. */
function sampleFeeds(inputs: readonly TensorSpec[], row: number): Tensors {
  return Object.fromEntries(inputs.map((input) => [input.name, sampleTensor(input, row)]))
}

function sampleTensor({ type, shape }: TensorSpec, row: number): TensorLiteral {
  const fixed = shape.map((size) => (size < 0 ? 1 : size))
  if (type === 'string') return { type, shape: fixed, data: new Array<string>(elementCount(fixed)).fill('ab'[row]!) }
  const tensor = zerosOf(type, fixed)
  if (tensor.type === 'float' || tensor.type === 'double')
    for (let i = 0; i < tensor.data.length; i++) tensor.data[i] = ((i * 7 + 3 * row) % 11) / 11
  else if (tensor.type === 'int64' || tensor.type === 'uint64') (tensor.data as BigInt64Array).fill(BigInt(row))
  // 0 or 0.5 in the bits of a half; integers stay 0 and 1, which every vocabulary has.
  else tensor.data.fill(tensor.type === 'float16' ? row * 0x3800 : row)
  return tensor
}

const RELATIVE_TOLERANCE = 1e-3

function isClose(found: Tensors, expected: Tensors): boolean {
  return Object.keys(expected).every((name) => isCloseTensor(found[name]!, expected[name]!))
}

function isCloseTensor(found: TensorLiteral, expected: TensorLiteral): boolean {
  if (String(found.shape) !== String(expected.shape) || found.data.length !== expected.data.length) return false
  for (let i = 0; i < expected.data.length; i++) if (!isCloseValue(found.data[i]!, expected.data[i]!)) return false
  return true
}

function isCloseValue(found: unknown, expected: unknown): boolean {
  if (typeof expected !== 'number' || typeof found !== 'number') return found === expected
  if (Object.is(found, expected)) return true
  return Math.abs(found - expected) <= RELATIVE_TOLERANCE * Math.max(1e-3, Math.abs(expected))
}
