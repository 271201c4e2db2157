import { FivefoldError } from '../../../core/index.ts'
import { allocateMemory, compileKernels, MAX_MEMORY_BYTES } from '../kernels/kernels.ts'
import { planMemory } from '../kernels/memory-layout.ts'
import type { SharedWorkspace } from '../kernels/workspace.ts'
import type { TrainingJob } from './training-job.ts'

/** @throws TRAIN_INPUT where the memory cannot be had */
export function allocateWorkspace(job: TrainingJob, threadCount: number): SharedWorkspace {
  const layout = planMemory(job, threadCount)
  return { job, layout, memory: memoryFor(layout.totalBytes), module: compileKernels() }
}

function memoryFor(sizeBytes: number): WebAssembly.Memory {
  const gib = (sizeBytes / 2 ** 30).toFixed(1)
  const remedy = 'Train on fewer rows or features.'
  if (sizeBytes > MAX_MEMORY_BYTES)
    throw new FivefoldError('TRAIN_INPUT', `boosting: the data needs ${gib} GiB of working memory, 4 GiB is the most`, {
      remedy,
    })
  try {
    return allocateMemory(sizeBytes)
  } catch (cause) {
    throw new FivefoldError('TRAIN_INPUT', `boosting: ${gib} GiB of working memory could not be had`, { cause, remedy })
  }
}
