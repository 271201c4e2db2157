import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type OptimizerDefinition, stateSlotsOf } from './definitions.ts'
import { createGradientAccumulator } from './gradient-accumulation.ts'
import { adam, adamw, lion, sgd } from './index.ts'
import { clipFactor, createOptimizer, type Optimizer } from './optimizer.ts'
import { type ParameterGroup, resolveGroups } from './parameter-groups.ts'
import { createParameterMemory, type ParameterMemory } from './parameter-memory.ts'
import { type AveragingDefinition, createWeightAverage } from './weight-averaging.ts'

type Values = Readonly<Record<string, readonly number[]>>

interface GoldenCase {
  readonly name: string
  readonly definition: { readonly kind: OptimizerDefinition['kind'] }
  readonly groups?: boolean
  readonly frozenUntil?: number
  readonly clipNorm?: number
  readonly clipValue?: number
  readonly microBatches?: number
  readonly averaging?: AveragingDefinition
  readonly parameters: Values
  readonly averages?: Values
}

interface Golden {
  readonly provenance: string
  readonly shapes: Readonly<Record<string, readonly number[]>>
  readonly start: Values
  readonly gradients: readonly Values[]
  readonly cases: readonly GoldenCase[]
}

const golden = JSON.parse(readFileSync(new URL('./fixtures/torch.json', import.meta.url), 'utf8')) as Golden
const factories = { sgd, adam, adamw, lion }
const specs = Object.entries(golden.shapes).map(([name, shape]) => ({ name, shape }))
const GROUPS: readonly ParameterGroup[] = [
  { match: '*.bias', weightDecay: 0 },
  { match: /^head/, learningRateFactor: 0.1 },
]

function memoryOf(definition: OptimizerDefinition): ParameterMemory {
  const memory = createParameterMemory(specs, [...stateSlotsOf(definition), 'accumulatedGradients', 'averages'])
  for (const [name, values] of Object.entries(golden.start)) memory.view('parameters', name).set(values)
  return memory
}

function putGradients(memory: ParameterMemory, step: number): void {
  const values = golden.gradients[step % golden.gradients.length]!
  for (const [name, gradient] of Object.entries(values)) memory.view('gradients', name).set(gradient)
}

/** Clipping, accumulation and the step as a training loop does them. */
function takeStep(golden: GoldenCase, optimizer: Optimizer, memory: ParameterMemory, step: number, rate: number): void {
  putGradients(memory, step)
  if (golden.microBatches !== undefined) {
    const accumulator = createGradientAccumulator(memory)
    for (let k = 0; k < golden.microBatches; k++) {
      putGradients(memory, step + k)
      accumulator.add()
    }
    optimizer.step({ learningRate: rate, gradientScale: accumulator.scale, gradients: 'accumulatedGradients' })
    return
  }
  if (golden.clipValue !== undefined) optimizer.clipByValue(golden.clipValue)
  const gradientScale = golden.clipNorm === undefined ? 1 : clipFactor(optimizer.gradientNorm(), golden.clipNorm)
  optimizer.step({ learningRate: rate, gradientScale })
}

function expectNear(actual: Float32Array, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length)
  for (const [i, value] of expected.entries())
    expect(Math.abs(actual[i]! - value)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(value)))
}

describe(`optimisers, against ${golden.provenance}`, () => {
  it.each(golden.cases.map((entry, i) => [`${i} ${entry.name}`, entry] as const))('%s', (_, entry) => {
    const { kind, ...options } = entry.definition
    const definition = factories[kind](options)
    const memory = memoryOf(definition)
    const groups = entry.groups ? GROUPS : []
    const frozen = resolveGroups(specs, [{ match: 'encoder.*', frozen: true }, ...groups])
    const settings = resolveGroups(specs, groups)
    const average = entry.averaging && createWeightAverage(entry.averaging, memory)
    const steps = golden.gradients.length
    for (let step = 0; step < steps; step++) {
      const optimizer = createOptimizer(definition, step < (entry.frozenUntil ?? 0) ? frozen : settings, memory)
      takeStep(entry, optimizer, memory, step, definition.learningRate * (1 - step / (2 * steps)))
      average?.update()
    }
    for (const [name, expected] of Object.entries(entry.parameters))
      expectNear(memory.view('parameters', name), expected)
    for (const [name, expected] of Object.entries(entry.averages ?? {}))
      expectNear(average!.weights().get(name)!, expected)
  })
})
