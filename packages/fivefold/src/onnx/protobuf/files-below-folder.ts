import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { FivefoldError } from '../../core/index.ts'
import { type ExternalReader, tooShort } from './external-data.ts'

/** Reads parts of files below a folder, which must be regular files there: no links out of it, no pipes or devices. */
export function filesBelow(folder: string): ExternalReader {
  return ({ location, offset, length = 0 }) => {
    const path = realFile(folder, location)
    const status = statSync(path)
    if (!status.isFile()) throw new FivefoldError('GRAPH_INVALID', `'${location}' beside the model is not a file`)
    if (offset + length > status.size) throw tooShort(location, offset + length, status.size)
    const file = openSync(path, 'r')
    try {
      return readFully(file, offset, length, location)
    } finally {
      closeSync(file)
    }
  }
}

function realFile(folder: string, location: string): string {
  let real: string
  try {
    real = realpathSync(join(folder, location))
  } catch (cause) {
    throw new FivefoldError('GRAPH_INVALID', `the model's weights are missing: no file '${location}' in '${folder}'`, {
      cause,
    })
  }
  if (real.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return real
  throw new FivefoldError('GRAPH_INVALID', `'${location}' leads out of the model's folder '${folder}'`, {
    remedy: 'Put the file itself beside the model, not a link to it.',
  })
}

/** One call reads 2 GiB at most. */
const MOST_AT_ONCE = 2 ** 30

function readFully(file: number, offset: number, length: number, location: string): Uint8Array {
  const bytes = new Uint8Array(length)
  let done = 0
  while (done < length) {
    const count = readSync(file, bytes, done, Math.min(length - done, MOST_AT_ONCE), offset + done)
    if (count === 0) throw tooShort(location, offset + length, offset + done)
    done += count
  }
  return bytes
}
