import { FivefoldError } from '../../../core/index.ts'
import { instantiateNeuralKernels, MAX_MEMORY_BYTES, type NeuralKernels, RESERVED_BYTES } from '../kernels/kernels.ts'

/** A cache line, and what ONNX Runtime aligns its own buffers to. */
const ALIGNMENT_BYTES = 64
const FLOAT_BYTES = 4

export interface ParameterSpec {
  readonly name: string
  /** Sizes of the dimensions; a scalar has none. */
  readonly shape: readonly number[]
  /** False for what no optimiser moves: running statistics, weights that stay frozen throughout. Default true. */
  readonly trainable?: boolean
}

/** What an optimiser keeps for each parameter. */
export type StateSlot = 'momentum' | 'firstMoment' | 'secondMoment'
/** One value for each parameter; all but the parameters themselves for trainable ones only. */
export type Slot = 'parameters' | 'gradients' | 'accumulatedGradients' | 'averages' | StateSlot

export interface ParameterTensor extends Required<ParameterSpec> {
  /** Number of values. */
  readonly length: number
  /** Bytes from the beginning of each slot. */
  readonly offsetBytes: number
}

/**
 * Everything that a training step reads and writes for each parameter, in one memory laid out once. Views stay valid
 * and serve as feeds and preallocated fetches of ONNX Runtime; optimisers and averages work on them in place.
 */
export interface ParameterMemory {
  /** Trainable ones first. */
  readonly tensors: readonly ParameterTensor[]
  readonly slots: readonly Slot[]
  readonly kernels: NeuralKernels
  /** Optimiser updates that each trainable tensor had; kept here so that it survives a change of optimiser. */
  readonly updateCounts: Map<string, number>
  /** Floats of a slot of trainable parameters, zeros between tensors included. */
  readonly trainableLength: number
  /** Where a slot begins, in bytes; in it each tensor lies at its offset. */
  addressOf(slot: Slot): number
  /** The values of one tensor. Writing to the view writes to the memory. */
  view(slot: Slot, name: string): Float32Array<ArrayBuffer>
  /** The views of a slot by tensor name. */
  views(slot: Slot): ReadonlyMap<string, Float32Array<ArrayBuffer>>
}

/**
 * Lays the memory out; all values are zero.
 * @param slots besides parameters and gradients, which are always there; `stateSlotsOf` names those of an optimiser
 * @throws TRAIN_INPUT where names repeat, a shape is none, or the whole exceeds 4 GiB
 */
export function createParameterMemory(specs: readonly ParameterSpec[], slots: readonly Slot[] = []): ParameterMemory {
  const layout = layOutParameters(specs)
  const allSlots = [...new Set<Slot>(['parameters', 'gradients', ...slots])]
  const addresses = new Map<Slot, number>()
  let end = RESERVED_BYTES
  for (const slot of allSlots) {
    addresses.set(slot, end)
    end += slot === 'parameters' ? layout.totalBytes : layout.trainableBytes
  }
  const { kernels, buffer } = allocate(end)
  const addressOf = (slot: Slot): number => {
    const address = addresses.get(slot)
    if (address === undefined) throw new FivefoldError('INTERNAL', `the parameter memory has no slot '${slot}'`)
    return address
  }
  const viewsOf = (slot: Slot): Map<string, Float32Array<ArrayBuffer>> => {
    const start = addressOf(slot)
    const held = layout.tensors.filter((tensor) => tensor.trainable || slot === 'parameters')
    return new Map(held.map((t) => [t.name, new Float32Array(buffer, start + t.offsetBytes, t.length)]))
  }
  const views = new Map(allSlots.map((slot) => [slot, viewsOf(slot)]))
  return {
    tensors: layout.tensors,
    slots: allSlots,
    kernels,
    updateCounts: new Map(layout.tensors.filter((tensor) => tensor.trainable).map(({ name }) => [name, 0])),
    trainableLength: layout.trainableBytes / FLOAT_BYTES,
    addressOf,
    views: (slot) => views.get(slot) ?? viewsOf(slot),
    view: (slot, name) => {
      const view = (views.get(slot) ?? viewsOf(slot)).get(name)
      if (view === undefined) throw new FivefoldError('INTERNAL', `no tensor '${name}' in the slot '${slot}'`)
      return view
    },
  }
}

/** Where tensors lie within a slot. */
interface Layout {
  readonly tensors: readonly ParameterTensor[]
  readonly trainableBytes: number
  readonly totalBytes: number
}

/** Throws TRAIN_INPUT where names repeat or a shape is none. */
export function layOutParameters(specs: readonly ParameterSpec[]): Layout {
  checkSpecs(specs)
  const isTrainable = ({ trainable }: ParameterSpec): boolean => trainable ?? true
  const ordered = [...specs.filter(isTrainable), ...specs.filter((spec) => !isTrainable(spec))]
  const tensors: ParameterTensor[] = []
  let trainableBytes = 0
  let offsetBytes = 0
  for (const spec of ordered) {
    const length = spec.shape.reduce((product, size) => product * size, 1)
    tensors.push({ ...spec, trainable: isTrainable(spec), length, offsetBytes })
    offsetBytes += Math.ceil((length * FLOAT_BYTES) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES
    if (isTrainable(spec)) trainableBytes = offsetBytes
  }
  return { tensors, trainableBytes, totalBytes: offsetBytes }
}

function checkSpecs(specs: readonly ParameterSpec[]): void {
  const seen = new Set<string>()
  for (const { name, shape } of specs) {
    if (seen.has(name)) throw new FivefoldError('TRAIN_INPUT', `two parameters are named '${name}'`)
    seen.add(name)
    if (!shape.every((size) => Number.isInteger(size) && size >= 0))
      throw new FivefoldError('TRAIN_INPUT', `parameter '${name}': [${shape}] is not a fixed shape`)
  }
}

function allocate(sizeBytes: number): ReturnType<typeof instantiateNeuralKernels> {
  const size = `parameters, gradients and optimiser state take ${Math.ceil(sizeBytes / 2 ** 20)} MiB`
  if (sizeBytes > MAX_MEMORY_BYTES)
    throw new FivefoldError('TRAIN_INPUT', `${size}, and one memory holds 4096 MiB`, {
      remedy: 'Declare frozen weights as not trainable, or choose an optimiser with less state.',
    })
  try {
    return instantiateNeuralKernels(sizeBytes)
  } catch (cause) {
    throw new FivefoldError('TRAIN_INPUT', `${size}, which the system does not give`, { cause })
  }
}
