import { z } from 'zod'
import { FivefoldError } from '../../../../core/index.ts'
import { type Field, sampleSize } from '../dataset.ts'

// What is done to a batch after it was read, as plain data that can be sent to a worker. Images are float32 fields of
// shape [channels, height, width]; transforms take values as they are, without clamping.

const field = z.string()
const share = z.number().min(0).max(1)
const fill = z.number().default(0)
const alpha = z.number().positive()

const transformSchema = z.discriminatedUnion('kind', [
  /** Mirrors left and right. */
  z.strictObject({ kind: z.literal('flip'), field, probability: share.default(0.5) }),
  /** Pads on all sides, then crops to the size that it was, at random. */
  z.strictObject({
    kind: z.literal('crop'),
    field,
    padding: z.int().min(1),
    mode: z.enum(['constant', 'reflect']).default('constant'),
    fill,
  }),
  /** Covers a square around a random point (DeVries and Taylor 2017). */
  z.strictObject({ kind: z.literal('cutout'), field, size: z.int().min(1), fill }),
  /** Multiplies by a random factor from 1 - amount to 1 + amount. */
  z.strictObject({ kind: z.literal('brightness'), field, amount: share }),
  /** Multiplies distances from the image's mean by such a factor. */
  z.strictObject({ kind: z.literal('contrast'), field, amount: share }),
  /** (value - mean) / deviation, by channel. */
  z.strictObject({
    kind: z.literal('normalize'),
    field,
    mean: z.array(z.number()),
    deviation: z.array(z.number().positive()),
  }),
  /** Mixes each image and its target with another of the batch, by a share from Beta(alpha, alpha) (Zhang et al. 2018). */
  z.strictObject({ kind: z.literal('mixup'), field, target: z.string(), alpha: alpha.default(0.2) }),
  /** Pastes a box of another image of the batch, and mixes targets by its area (Yun et al. 2019). */
  z.strictObject({ kind: z.literal('cutmix'), field, target: z.string(), alpha: alpha.default(1) }),
])

export type Transform = z.output<typeof transformSchema>
export type TransformOptions = z.input<typeof transformSchema>
/** Transforms that concern each sample by itself. */
export type SampleTransform = Exclude<Transform, { kind: 'mixup' | 'cutmix' }>
/** Transforms that bring samples of a batch together. */
export type MixingTransform = Extract<Transform, { kind: 'mixup' | 'cutmix' }>

export const isMixing = (transform: Transform): transform is MixingTransform =>
  transform.kind === 'mixup' || transform.kind === 'cutmix'

/**
 * Fills in defaults.
 * @throws OPTION_INVALID for an unknown transform or number out of range, or one that does not fit the fields
 */
export function defineTransforms(options: readonly TransformOptions[], fields: readonly Field[]): readonly Transform[] {
  return options.map((entry, index) => {
    const parsed = transformSchema.safeParse(entry)
    if (!parsed.success) {
      const list = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '))
      throw invalid(index, list.join('; '))
    }
    checkFields(parsed.data, fields, index)
    return parsed.data
  })
}

function checkFields(transform: Transform, fields: readonly Field[], index: number): void {
  const floats = (name: string): Field => {
    const found = fields.find((candidate) => candidate.name === name)
    if (found === undefined) throw invalid(index, `the dataset has no field '${name}'`)
    if (found.type !== 'float32') throw invalid(index, `field '${name}' is ${found.type}, not float32`)
    return found
  }
  const image = floats(transform.field)
  if (transform.kind === 'mixup') floats(transform.target)
  else checkImage(transform, image, index)
  if (transform.kind === 'cutmix') floats(transform.target)
}

function checkImage(transform: Exclude<Transform, { kind: 'mixup' }>, image: Field, index: number): void {
  const [channels, height, width] = image.shape
  if (image.shape.length !== 3 || sampleSize(image) === 0)
    throw invalid(index, `field '${image.name}' has shape [${image.shape}], not [channels, height, width]`)
  if (transform.kind === 'normalize' && [transform.mean, transform.deviation].some(({ length }) => length !== channels))
    throw invalid(index, `field '${image.name}' has ${channels} channels: mean and deviation need a number for each`)
  if (transform.kind === 'crop' && transform.mode === 'reflect' && transform.padding >= Math.min(height!, width!))
    throw invalid(index, `an image of ${height} x ${width} cannot be reflected by ${transform.padding}`)
}

const invalid = (index: number, message: string): FivefoldError =>
  new FivefoldError('OPTION_INVALID', `transform ${index}: ${message}`)
