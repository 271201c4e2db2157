import { KERNELS_WASM_BASE64 } from './wasm.generated.ts'

type Numbers<Names extends string[]> = { [Index in keyof Names]: number }
type Kernel<Names extends string[], Result = void> = (...args: Numbers<Names>) => Result

/**
 * The functions of `packages/kernels/assembly/neural`, where each is described. Addresses are bytes into the memory, of
 * floats, best at multiples of 16; nothing beyond `count` floats is touched, nor the first `RESERVED_BYTES`' owner asked.
 */
export interface NeuralKernels {
  sgd: Kernel<['parameters', 'gradients', 'count', 'gradientScale', 'learningRate', 'l2']>
  sgdMomentum: Kernel<
    [
      ...['parameters', 'gradients', 'momenta', 'count', 'gradientScale', 'learningRate', 'l2'],
      ...['momentum', 'nesterov'],
    ]
  >
  adam: Kernel<
    [
      ...['parameters', 'gradients', 'means', 'squares', 'count', 'gradientScale', 'l2', 'keep'],
      ...['beta1', 'step1', 'beta2', 'step2', 'stepSize', 'epsilon'],
    ]
  >
  lion: Kernel<
    [
      ...['parameters', 'gradients', 'momenta', 'count', 'gradientScale', 'learningRate', 'keep'],
      ...['beta1', 'step1', 'beta2', 'step2'],
    ]
  >
  scale: Kernel<['values', 'count', 'factor']>
  addScaled: Kernel<['target', 'source', 'count', 'factor']>
  moveTowards: Kernel<['target', 'source', 'count', 'weight']>
  clamp: Kernel<['values', 'count', 'limit']>
  copyFloats: Kernel<['target', 'source', 'count']>
  sumOfSquares: Kernel<['values', 'count'], number>
  allFinite: Kernel<['values', 'count'], number>
}

const PAGE_BYTES = 65_536
/** A 32-bit memory cannot be larger. */
export const MAX_MEMORY_BYTES = 2 ** 32
/** The first bytes of a memory are the kernels' own. */
export const RESERVED_BYTES = 1024

/**
 * Kernels over a memory of their own: zero throughout, of fixed size, so that views on it stay valid, and not shared,
 * since ONNX Runtime takes no shared buffers.
 */
export function instantiateNeuralKernels(sizeBytes: number): { kernels: NeuralKernels; buffer: ArrayBuffer } {
  const pages = Math.ceil(sizeBytes / PAGE_BYTES)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: false })
  const module = new WebAssembly.Module(Buffer.from(KERNELS_WASM_BASE64, 'base64'))
  // The export list is what packages/kernels/assembly/neural/index.ts says, which a test holds against this interface.
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as NeuralKernels
  return { kernels, buffer: memory.buffer }
}
