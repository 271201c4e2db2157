import type { NeuralKernels } from './kernels.ts'

// The kernels in plain TypeScript, rounded to single precision after every operation as WebAssembly does: bits are equal.

const f = Math.fround

type Reference = { [Name in keyof NeuralKernels]: (...args: (Float32Array | number)[]) => number | undefined }

/** Runs a kernel's reference on arrays; scalars come in the kernel's order after `count`. */
function elementwise(
  arrays: number,
  update: (lane: number[], scalars: readonly number[]) => void,
): (...args: (Float32Array | number)[]) => undefined {
  return (...args) => {
    const ranges = args.slice(0, arrays) as Float32Array[]
    const count = args[arrays] as number
    const scalars = (args.slice(arrays + 1) as number[]).map(f)
    for (let i = 0; i < count; i++) {
      const lane = ranges.map((range) => range[i]!)
      update(lane, scalars)
      for (const [k, range] of ranges.entries()) range[i] = lane[k]!
    }
    return undefined
  }
}

const scaledGradient = (g: number, scale: number, l2: number, p: number): number => f(f(g * scale) + f(l2 * p))

export const referenceKernels: Reference = {
  sgd: elementwise(2, (lane, [scale, rate, l2]) => {
    const [p, g] = lane as [number, number]
    lane[0] = f(p - f(rate! * scaledGradient(g, scale!, l2!, p)))
  }),
  sgdMomentum: elementwise(3, (lane, [scale, rate, l2, momentum, nesterov]) => {
    const [p, g, m] = lane as [number, number, number]
    const gradient = scaledGradient(g, scale!, l2!, p)
    lane[2] = f(f(momentum! * m) + gradient)
    const direction = nesterov ? f(gradient + f(momentum! * lane[2])) : lane[2]
    lane[0] = f(p - f(rate! * direction))
  }),
  adam: elementwise(4, (lane, scalars) => {
    const [scale, l2, keep, beta1, step1, beta2, step2, stepSize, epsilon] = scalars as Numbers9
    const [p, g, mean, square] = lane as [number, number, number, number]
    const gradient = scaledGradient(g, scale, l2, p)
    lane[2] = f(f(beta1 * mean) + f(step1 * gradient))
    lane[3] = f(f(beta2 * square) + f(f(step2 * gradient) * gradient))
    lane[0] = f(f(p * keep) - f(f(stepSize * lane[2]) / f(f(Math.sqrt(lane[3])) + epsilon)))
  }),
  lion: elementwise(3, (lane, scalars) => {
    const [scale, rate, keep, beta1, step1, beta2, step2] = scalars as Numbers7
    const [p, g, m] = lane as [number, number, number]
    const gradient = f(g * scale)
    const direction = f(f(beta1 * m) + f(step1 * gradient))
    // As in PyTorch, what is not a number has no sign.
    const sign = Number(direction > 0) - Number(direction < 0)
    lane[0] = f(f(p * keep) - f(rate * sign))
    lane[2] = f(f(beta2 * m) + f(step2 * gradient))
  }),
  scale: elementwise(1, (lane, [factor]) => {
    lane[0] = f(lane[0]! * factor!)
  }),
  addScaled: elementwise(2, (lane, [factor]) => {
    lane[0] = f(lane[0]! + f(factor! * lane[1]!))
  }),
  moveTowards: elementwise(2, (lane, [weight]) => {
    lane[0] = f(lane[0]! + f(weight! * f(lane[1]! - lane[0]!)))
  }),
  clamp: elementwise(1, (lane, [limit]) => {
    lane[0] = Math.min(Math.max(lane[0]!, -limit!), limit!)
  }),
  copyFloats: elementwise(2, (lane) => {
    lane[0] = lane[1]!
  }),
  sumOfSquares: (values, count) => fold(values, count, (sum, value) => sum + value * value, 0),
  allFinite: (values, count) => fold(values, count, (all, value) => (Number.isFinite(value) ? all : 0), 1),
}

type Numbers7 = [number, number, number, number, number, number, number]
type Numbers9 = [...Numbers7, number, number]

function fold(
  values: Float32Array | number | undefined,
  count: Float32Array | number | undefined,
  combine: (soFar: number, value: number) => number,
  start: number,
): number {
  return (values as Float32Array).subarray(0, count as number).reduce(combine, start)
}

/** How many arrays a kernel takes before `count`. */
export const ARRAY_COUNTS = {
  sgd: 2,
  sgdMomentum: 3,
  adam: 4,
  lion: 3,
  scale: 1,
  addScaled: 2,
  moveTowards: 2,
  clamp: 1,
  copyFloats: 2,
  sumOfSquares: 1,
  allFinite: 1,
} as const satisfies { [Name in keyof NeuralKernels]: number }

/** Fitting scalars for each kernel that has some, in its order. */
export const SCALARS: { [Name in keyof NeuralKernels]: readonly number[][] } = {
  sgd: [
    [1, 0.1, 0],
    [0.25, 0.01, 0.3],
  ],
  sgdMomentum: [
    [1, 0.1, 0, 0.9, 0],
    [0.5, 0.01, 0.2, 0.9, 1],
  ],
  adam: [
    [1, 0, 1, 0.9, 0.1, 0.999, 1e-3, 1e-2, 1e-8],
    [0.5, 0.1, 0.99, 0.3, 0.7, 0.9, 0.1, 0.2, 1e-3],
  ],
  lion: [
    [1, 1e-4, 1, 0.9, 0.1, 0.99, 0.01],
    [0.125, 0.1, 0.98, 0.5, 0.5, 0.9, 0.1],
  ],
  scale: [[1], [-0.3]],
  addScaled: [[1], [-0.3]],
  moveTowards: [[0.1], [1]],
  clamp: [[0], [2.5]],
  copyFloats: [[]],
  sumOfSquares: [[]],
  allFinite: [[]],
}
