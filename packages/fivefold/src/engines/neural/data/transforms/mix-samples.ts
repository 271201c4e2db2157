import type { Rng } from '../../../../core/index.ts'
import { drawBeta } from './beta.ts'
import type { MixingTransform } from './transforms.ts'

/** A float field of a batch. */
export interface Rows {
  readonly values: Float32Array
  readonly rowCount: number
  /** Of one row. */
  readonly shape: readonly number[]
}

/** Mixes images and targets of a batch with those of other rows, in place; one share and one box for the batch. */
export function mixSamples({ kind, alpha }: MixingTransform, images: Rows, targets: Rows, rng: Rng): void {
  const share = drawBeta(alpha, rng)
  const partners = rng.shuffle(Uint32Array.from({ length: images.rowCount }, (_, i) => i))
  if (kind === 'mixup') {
    blend(images, partners, share)
    blend(targets, partners, share)
  } else blend(targets, partners, 1 - pasteBox(images, partners, 1 - share, rng))
}

/** Each row becomes share * itself + (1 - share) * its partner. */
function blend({ values, rowCount }: Rows, partners: Uint32Array, share: number): void {
  const before = values.slice()
  const size = values.length / rowCount
  for (let row = 0; row < rowCount; row++) {
    const [own, other] = [row * size, partners[row]! * size]
    for (let i = 0; i < size; i++) values[own + i] = share * before[own + i]! + (1 - share) * before[other + i]!
  }
}

/** Pastes a box of about this share of the area, centred anywhere; returns the share that lies within the image. */
function pasteBox({ values, rowCount, shape }: Rows, partners: Uint32Array, area: number, rng: Rng): number {
  const [channels, height, width] = shape as readonly [number, number, number]
  const [top, bottom] = extent(height, Math.sqrt(area), rng)
  const [left, right] = extent(width, Math.sqrt(area), rng)
  const before = values.slice()
  const planes = rowCount * channels
  for (let plane = 0; plane < planes; plane++) {
    const partner = partners[Math.floor(plane / channels)]! * channels + (plane % channels)
    for (let row = top; row < bottom; row++) {
      const [own, other] = [(plane * height + row) * width, (partner * height + row) * width]
      values.set(before.subarray(other + left, other + right), own + left)
    }
  }
  return ((bottom - top) * (right - left)) / (height * width)
}

function extent(size: number, share: number, rng: Rng): readonly [begin: number, end: number] {
  const length = Math.floor(size * share)
  const begin = rng.int(size) - (length >> 1)
  return [Math.max(0, begin), Math.max(0, Math.min(size, begin + length))]
}
