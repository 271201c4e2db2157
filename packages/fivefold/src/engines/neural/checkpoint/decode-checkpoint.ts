import { crc32 } from 'node:zlib'
import { FivefoldError } from '../../../core/index.ts'
import {
  CHECKPOINT_FORMAT,
  CHECKPOINT_VERSION,
  type Checkpoint,
  type CheckpointState,
  type CheckpointTensor,
  checkpointStateSchema,
} from './checkpoint.ts'
import { readSafetensors } from './read-safetensors.ts'
import type { Safetensors } from './safe-tensor.ts'

/**
 * Reads what `encodeCheckpoint` wrote. Values are views of `bytes` where they are aligned.
 * @throws CHECKPOINT_INVALID where the bytes are no checkpoint or were changed, CHECKPOINT_VERSION where they are of another
 * format version
 */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const file = readFile(bytes)
  checkFormat(file.metadata)
  const state = parseState(file.metadata.state ?? '')
  const tensors = floatTensors(file, state)
  const { step, epoch, positionInEpoch, seed, plateau, history, details } = state
  const best = withPrefix(tensors, 'best/')
  return {
    ...{ step, epoch, positionInEpoch, seed, history },
    details: details as Checkpoint['details'],
    parameters: withPrefix(tensors, 'parameters/'),
    optimizers: optimizersOf(state, tensors),
    ...averagesOf(state, tensors),
    ...(best.size === 0 ? {} : { best }),
    ...(plateau === undefined ? {} : { plateau: withoutAbsent(plateau) }),
  }
}

function readFile(bytes: Uint8Array): Safetensors {
  try {
    return readSafetensors(bytes)
  } catch (cause) {
    throw damaged(cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function checkFormat({ format, formatVersion }: Safetensors['metadata']): void {
  if (format !== CHECKPOINT_FORMAT) throw damaged('a safetensors file, but not one of a training run')
  if (formatVersion === CHECKPOINT_VERSION) return
  const message = `checkpoint: format version ${formatVersion}; this release reads ${CHECKPOINT_VERSION}`
  throw new FivefoldError('CHECKPOINT_VERSION', message)
}

function parseState(text: string): CheckpointState {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw damaged('its state is not JSON', cause)
  }
  const parsed = checkpointStateSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw damaged(`its state is not of the format: ${issue!.path.join('.')}: ${issue!.message}`)
}

function floatTensors({ tensors }: Safetensors, { checksums }: CheckpointState): Map<string, CheckpointTensor> {
  const missing = Object.keys(checksums).find((name) => !tensors.has(name))
  if (missing !== undefined) throw damaged(`the tensor '${missing}' is missing`)
  const floats = new Map<string, CheckpointTensor>()
  for (const [name, { type, shape, data }] of tensors) {
    if (type !== 'F32' || checksums[name] !== crc32(data)) throw damaged(`the tensor '${name}' was changed`)
    floats.set(name, { shape, values: data })
  }
  return floats
}

function withPrefix(tensors: ReadonlyMap<string, CheckpointTensor>, prefix: string): Map<string, CheckpointTensor> {
  const found = [...tensors].filter(([name]) => name.startsWith(prefix))
  return new Map(found.map(([name, tensor]) => [name.slice(prefix.length), tensor]))
}

function valuesOf(tensors: ReadonlyMap<string, CheckpointTensor>): Record<string, Float32Array> {
  return Object.fromEntries(Array.from(tensors, ([name, { values }]) => [name, values]))
}

function optimizersOf(
  { updateCounts }: CheckpointState,
  tensors: ReadonlyMap<string, CheckpointTensor>,
): Checkpoint['optimizers'] {
  const states = Object.entries(updateCounts).map(([name, counts]) => {
    const state = { tensors: valuesOf(withPrefix(tensors, `optimizers/${name}/`)), updateCounts: counts }
    return [name, state] as const
  })
  return Object.fromEntries(states)
}

function averagesOf(
  { averageUpdateCount }: CheckpointState,
  tensors: ReadonlyMap<string, CheckpointTensor>,
): Pick<Checkpoint, 'averages'> {
  if (averageUpdateCount === undefined) return {}
  return { averages: { updateCount: averageUpdateCount, values: valuesOf(withPrefix(tensors, 'averages/')) } }
}

function withoutAbsent({ best, ...rest }: NonNullable<CheckpointState['plateau']>): NonNullable<Checkpoint['plateau']> {
  return best === undefined ? rest : { ...rest, best }
}

const damaged = (message: string, cause?: unknown): FivefoldError =>
  new FivefoldError('CHECKPOINT_INVALID', `checkpoint: ${message}`, { cause })
