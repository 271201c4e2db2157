import type { TrainingJob } from '../training/training-job.ts'
import { instantiateKernels, type Kernels } from './kernels.ts'
import type { MemoryLayout } from './memory-layout.ts'

/** What threads share; can be cloned to a worker. */
export interface SharedWorkspace {
  readonly job: TrainingJob
  readonly layout: MemoryLayout
  readonly memory: WebAssembly.Memory
  readonly module: WebAssembly.Module
}

/** The memory as arrays. */
interface MemoryViews {
  readonly bytes: Uint8Array
  readonly int32: Int32Array
  readonly uint32: Uint32Array
  readonly float32: Float32Array
  readonly float64: Float64Array
}

/** One thread's hold on the shared memory. */
export interface Workspace extends SharedWorkspace, MemoryViews {
  readonly kernels: Kernels
  readonly threadIndex: number
}

export function openWorkspace(shared: SharedWorkspace, threadIndex: number): Workspace {
  const kernels = instantiateKernels(shared.module, shared.memory)
  return { ...shared, threadIndex, kernels, ...viewMemory(shared.memory) }
}

export function viewMemory({ buffer }: WebAssembly.Memory): MemoryViews {
  return {
    bytes: new Uint8Array(buffer),
    int32: new Int32Array(buffer),
    uint32: new Uint32Array(buffer),
    float32: new Float32Array(buffer),
    float64: new Float64Array(buffer),
  }
}

/** The floats of a region of the memory; the address is in bytes. */
export function floatsAt(workspace: MemoryViews, address: number, length: number): Float32Array {
  return workspace.float32.subarray(address / 4, address / 4 + length)
}
