import type { Rng } from '../../../../core/index.ts'
import type { SampleTransform } from './transforms.ts'

type TransformOf<Kind extends SampleTransform['kind']> = Extract<SampleTransform, { kind: Kind }>

/** One image: its values, channel by channel, and its size. */
export interface Image {
  readonly values: Float32Array
  readonly channels: number
  readonly height: number
  readonly width: number
}

/** Does one transform to one image in place, with the image's own random numbers. */
export function transformSample(transform: SampleTransform, image: Image, rng: Rng): void {
  switch (transform.kind) {
    case 'flip':
      if (rng.next() < transform.probability) flip(image)
      break
    case 'crop':
      crop(transform, image, rng)
      break
    case 'cutout':
      cutOut(transform, image, rng)
      break
    case 'brightness':
      scaleAround(image.values, 0, factorWithin(transform.amount, rng))
      break
    case 'contrast':
      scaleAround(image.values, meanOf(image.values), factorWithin(transform.amount, rng))
      break
    case 'normalize':
      normalize(transform, image)
      break
  }
}

function flip({ values, width }: Image): void {
  for (let row = 0; row < values.length; row += width)
    for (let left = row, right = row + width - 1; left < right; left++, right--) {
      const swap = values[left]!
      values[left] = values[right]!
      values[right] = swap
    }
}

function crop({ padding, mode, fill }: TransformOf<'crop'>, image: Image, rng: Rng): void {
  const { values, height, width } = image
  const rows = sourcesOf(height, rng.int(2 * padding + 1) - padding, mode)
  const columns = sourcesOf(width, rng.int(2 * padding + 1) - padding, mode)
  const before = values.slice()
  for (let target = 0, plane = 0; target < values.length; plane += height * width)
    for (let y = 0; y < height; y++, target += width) {
      const row = rows[y]!
      if (row < 0) values.fill(fill, target, target + width)
      else gather(before, plane + row * width, columns, fill, values, target)
    }
}

/** One row: the pixels at these columns of the row that begins at `from`. */
function gather(
  source: Float32Array,
  from: number,
  columns: Int32Array,
  fill: number,
  values: Float32Array,
  target: number,
): void {
  for (let x = 0; x < columns.length; x++) {
    const column = columns[x]!
    values[target + x] = column < 0 ? fill : source[from + column]!
  }
}

/** Which row or column each one comes from after a shift; -1 is padding. */
function sourcesOf(size: number, shift: number, mode: 'constant' | 'reflect'): Int32Array {
  return Int32Array.from({ length: size }, (_, i) => {
    const source = i + shift
    if (source >= 0 && source < size) return source
    if (mode === 'constant') return -1
    return source < 0 ? -source : 2 * (size - 1) - source
  })
}

function cutOut({ size, fill }: TransformOf<'cutout'>, { values, channels, height, width }: Image, rng: Rng): void {
  const top = rng.int(height) - (size >> 1)
  const left = rng.int(width) - (size >> 1)
  const [firstColumn, endColumn] = [Math.max(0, left), Math.min(width, left + size)]
  for (let channel = 0; channel < channels; channel++)
    for (let row = Math.max(0, top); row < Math.min(height, top + size); row++) {
      const start = (channel * height + row) * width
      values.fill(fill, start + firstColumn, start + endColumn)
    }
}

const factorWithin = (amount: number, rng: Rng): number => 1 + amount * (2 * rng.next() - 1)

function scaleAround(values: Float32Array, centre: number, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] = centre + factor * (values[i]! - centre)
}

function meanOf(values: Float32Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}

function normalize({ mean, deviation }: TransformOf<'normalize'>, { values, channels }: Image): void {
  const size = values.length / channels
  for (let channel = 0; channel < channels; channel++) {
    const [centre, factor] = [mean[channel]!, 1 / deviation[channel]!]
    for (let i = channel * size; i < (channel + 1) * size; i++) values[i] = (values[i]! - centre) * factor
  }
}
