import type { Context } from 'fivefold'

type Rng = Context['rng']

export const SHAPES = ['disc', 'square', 'triangle', 'cross', 'ring'] as const
export const IMAGE_SIZE = 32

/** How far inside each shape of radius 1 a point lies; negative outside. */
const DEPTHS: Readonly<Record<(typeof SHAPES)[number], (x: number, y: number) => number>> = {
  disc: (x, y) => 0.8 - Math.hypot(x, y),
  square: (x, y) => 0.7 - Math.max(Math.abs(x), Math.abs(y)),
  triangle: (x, y) => 0.45 - Math.max(y, Math.sin(Math.PI / 3) * Math.abs(x) - y / 2),
  cross: (x, y) => Math.max(barDepth(x, y), barDepth(y, x)),
  ring: (x, y) => 0.2 - Math.abs(Math.hypot(x, y) - 0.75),
}

const barDepth = (along: number, across: number): number => Math.min(0.95 - Math.abs(along), 0.25 - Math.abs(across))

/** A grey image of a shape somewhere, turned, light on dark or dark on light, under noise; [1, size, size]. */
function drawShape(shape: (typeof SHAPES)[number], rng: Rng): Float32Array {
  const radius = 6 + 6 * rng.next()
  const centre = () => radius + (IMAGE_SIZE - 2 * radius) * rng.next()
  const [left, top, angle] = [centre(), centre(), 2 * Math.PI * rng.next()]
  const contrast = (rng.next() < 0.5 ? -1 : 1) * (0.5 + 0.5 * rng.next())
  const [cos, sin] = [Math.cos(angle) / radius, Math.sin(angle) / radius]
  return Float32Array.from({ length: IMAGE_SIZE ** 2 }, (_, i) => {
    const [x, y] = [(i % IMAGE_SIZE) - left, Math.floor(i / IMAGE_SIZE) - top]
    const depth = radius * DEPTHS[shape](x * cos + y * sin, y * cos - x * sin)
    return contrast * Math.min(1, Math.max(0, depth + 0.5)) + 0.15 * rng.normal()
  })
}

/** Images one after another, and the number of each one's shape. */
export function drawShapes(count: number, rng: Rng): { readonly images: Float32Array; readonly labels: BigInt64Array } {
  const images = new Float32Array(count * IMAGE_SIZE ** 2)
  const labels = BigInt64Array.from({ length: count }, () => BigInt(rng.int(SHAPES.length)))
  labels.forEach((label, i) => {
    images.set(drawShape(SHAPES[Number(label)]!, rng), i * IMAGE_SIZE ** 2)
  })
  return { images, labels }
}
