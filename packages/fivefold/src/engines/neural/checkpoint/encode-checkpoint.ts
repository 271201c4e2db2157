import { crc32 } from 'node:zlib'
import { FivefoldError } from '../../../core/index.ts'
import type { PlateauState } from '../schedule/index.ts'
import { CHECKPOINT_FORMAT, CHECKPOINT_VERSION, type Checkpoint } from './checkpoint.ts'
import type { SafeTensor } from './safe-tensor.ts'
import { writeSafetensors } from './write-safetensors.ts'

/**
 * A checkpoint as the bytes of a safetensors file, for `writeFileAtomic`: tensors `parameters/<name>`,
 * `averages/<name>`, `best/<name>` and `optimizers/<optimiser>/<slot>/<name>`, the rest as JSON in its metadata. The same checkpoint
 * gives the same bytes.
 * @throws OPTION_INVALID for an optimiser with '/' in its name
 */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const tensors = tensorsOf(checkpoint)
  const metadata = {
    format: CHECKPOINT_FORMAT,
    formatVersion: CHECKPOINT_VERSION,
    state: JSON.stringify(stateOf(checkpoint, tensors)),
  }
  return writeSafetensors({ tensors, metadata })
}

function tensorsOf({ parameters, averages, best, optimizers }: Checkpoint): Map<string, SafeTensor> {
  const tensors = new Map<string, SafeTensor>()
  const put = (name: string, data: Float32Array, shape: readonly number[] = [data.length]): void => {
    tensors.set(name, { type: 'F32', shape, data })
  }
  for (const [name, { values, shape }] of parameters) put(`parameters/${name}`, values, shape)
  for (const [name, { values, shape }] of best ?? []) put(`best/${name}`, values, shape)
  // Averages have the shapes of their parameters.
  for (const [name, values] of Object.entries(averages?.values ?? {}))
    put(`averages/${name}`, values, parameters.get(name)?.shape)
  for (const [optimizer, state] of Object.entries(optimizers)) {
    if (optimizer.includes('/'))
      throw new FivefoldError('OPTION_INVALID', `'${optimizer}': an optimiser's name has no '/'`)
    for (const [name, values] of Object.entries(state.tensors)) put(`optimizers/${optimizer}/${name}`, values)
  }
  return tensors
}

function stateOf(checkpoint: Checkpoint, tensors: ReadonlyMap<string, SafeTensor>) {
  const { step, epoch, positionInEpoch, seed, optimizers, averages, plateau, history, details } = checkpoint
  const updateCounts = Object.entries(optimizers).map(([name, state]) => [name, state.updateCounts])
  const checksums = [...tensors.keys()].sort().map((name) => [name, crc32(tensors.get(name)!.data)])
  return {
    ...{ step, epoch, positionInEpoch, seed },
    updateCounts: Object.fromEntries(updateCounts),
    ...(averages === undefined ? {} : { averageUpdateCount: averages.updateCount }),
    ...(plateau === undefined ? {} : { plateau: plateauOf(plateau) }),
    history: history.map(withWords),
    details,
    checksums: Object.fromEntries(checksums),
  }
}

/** Keys in one order, whoever made the state. */
function plateauOf({ best, badCount, cooldownLeft, factor }: PlateauState): Record<string, unknown> {
  return { factor, badCount, cooldownLeft, ...(best === undefined ? {} : withWords({ best })) }
}

function withWords(numbers: object): Record<string, unknown> {
  const words = Object.entries(numbers).map(([key, value]) => [key, Number.isFinite(value) ? value : String(value)])
  return Object.fromEntries(words)
}
