import { readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { FivefoldError, writeFileAtomic } from '../../core/index.ts'
import type { OnnxModel } from '../graph/model.ts'
import { encodeModelWithData } from './encode-with-data.ts'
import { filesBelow } from './files-below-folder.ts'
import { parseModel } from './read-model.ts'
import { LARGEST_MESSAGE_BYTES } from './writer.ts'

/**
 * Reads a model from disk. Weights that lie in files beside it are read when their values are asked for, so those files must
 * stay until then. Throws DATA_NOT_FOUND where there is no file; GRAPH_INVALID where it is not a model, and, when weights are
 * read, where a location leads out of the model's folder (by a link, too) or a file is too short.
 */
export async function readModelFile(path: string): Promise<OnnxModel> {
  try {
    const { size } = await stat(path)
    if (size > LARGEST_MESSAGE_BYTES)
      throw new FivefoldError('GRAPH_INVALID', `'${path}' is not an ONNX model: it has ${size} bytes, above 2 GiB`)
    const folder = dirname(await realpath(path))
    return parseModel(await readFile(path), filesBelow(folder))
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (isMissing) throw new FivefoldError('DATA_NOT_FOUND', `there is no file '${path}'`, { cause: error })
    throw FivefoldError.from(error)
  }
}

export interface WriteOptions {
  /**
   * Weights of this many bytes or more go to a file beside the model, `<name>.data`. By default all stay inside as long as the
   * model is below 2 GB, and from there on those of 1 KiB or more go out.
   */
  readonly externalFromBytes?: number
}

/** Leaves room for the nodes in a message of 2 GiB. */
const MOST_WEIGHTS_INSIDE = 1.8e9

/** Writes a model; each file is either the old one or whole. The data file comes first, so that no model lacks its weights. */
export async function writeModelFile(path: string, model: OnnxModel, options: WriteOptions = {}): Promise<void> {
  const isLarge = weightBytes(model) > MOST_WEIGHTS_INSIDE
  const fromBytes = options.externalFromBytes ?? (isLarge ? 1024 : Number.POSITIVE_INFINITY)
  const location = `${basename(path)}.data`
  const { bytes, data } = encodeModelWithData(model, { location, fromBytes })
  if (data !== undefined) await writeFileAtomic(join(dirname(path), location), data)
  await writeFileAtomic(path, bytes)
}

/** Eight bytes an element at most, which is near enough to choose by. */
const weightBytes = ({ graph }: OnnxModel): number =>
  graph.initializers.reduce(
    (sum, { shape, type }) => sum + shape.reduce((a, b) => a * b, 1) * (type === 'float' ? 4 : 8),
    0,
  )
