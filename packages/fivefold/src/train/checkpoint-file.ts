import { readFile } from 'node:fs/promises'
import { writeFileAtomic } from '../core/index.ts'
import type { CheckpointOptions } from '../engines/neural/index.ts'

/** What `trainNetwork` needs to write checkpoints and to go on from the last. */
export interface CheckpointFile {
  readonly checkpoint: CheckpointOptions
  /** The checkpoint that is there already; absent where training begins. */
  readonly resume?: Uint8Array
}

/**
 * A file for the checkpoints of one training run. Each takes the place of the one before in one move, so that a process that
 * is killed at any moment leaves a whole one; the same program started again goes on from there.
 *
 * @param everySteps updates between checkpoints besides the one after each epoch; default none
 * @example
 * await trainNetwork(network, { ...options, ...(await checkpointFile('run.checkpoint')) }, context)
 */
export async function checkpointFile(path: string, everySteps?: number): Promise<CheckpointFile> {
  const resume = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  const checkpoint: CheckpointOptions = {
    save: (bytes) => writeFileAtomic(path, bytes),
    ...(everySteps !== undefined && { everySteps }),
  }
  return { checkpoint, ...(resume && { resume }) }
}
