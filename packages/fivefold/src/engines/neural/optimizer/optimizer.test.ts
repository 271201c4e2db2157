import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adamw, type OptimizerDefinition, sgd, stateSlotsOf } from './definitions.ts'
import { adam, lion } from './index.ts'
import { clipFactor, createOptimizer } from './optimizer.ts'
import { resolveGroups } from './parameter-groups.ts'
import { createParameterMemory, type ParameterMemory } from './parameter-memory.ts'

const SPECS = [
  { name: 'weight', shape: [5, 3] },
  { name: 'bias', shape: [3] },
]
const DEFINITIONS: readonly OptimizerDefinition[] = [
  sgd({ momentum: 0.9 }),
  sgd({ learningRate: 0.1 }),
  adam(),
  adamw({ learningRate: 0.01 }),
  lion({ weightDecay: 0.1 }),
]

function create(definition: OptimizerDefinition, frozen: readonly string[] = []) {
  const memory = createParameterMemory(SPECS, stateSlotsOf(definition))
  const groups = frozen.map((match) => ({ match, frozen: true }))
  return { memory, optimizer: createOptimizer(definition, resolveGroups(SPECS, groups), memory) }
}

function fill(memory: ParameterMemory, slot: 'parameters' | 'gradients', of: (i: number) => number): void {
  for (const [, view] of memory.views(slot)) for (let i = 0; i < view.length; i++) view[i] = of(i)
}

const valuesOf = (memory: ParameterMemory): number[] => [...memory.views('parameters').values()].flatMap((v) => [...v])

describe('optimiser', () => {
  it.each(DEFINITIONS)('$kind brings a bowl to its bottom', (definition) => {
    const { memory, optimizer } = create(definition)
    fill(memory, 'parameters', (i) => Math.sin(i))
    const loss = (): number => valuesOf(memory).reduce((sum, x) => sum + (x - 0.25) ** 2, 0)
    const before = loss()
    for (let step = 0; step < 3000; step++) {
      for (const [name, view] of memory.views('parameters'))
        memory.view('gradients', name).set(view.map((x) => 2 * (x - 0.25)))
      optimizer.step({ learningRate: 0.01 * (1 - step / 3000), gradientScale: 0.5 })
    }
    // Weight decay moves the bottom towards zero.
    expect(loss()).toBeLessThan(0.05 * before)
  })

  it.each(DEFINITIONS)('$kind goes on from its state as if it had not stopped', (definition) => {
    const gradientAt = (step: number) => (i: number) => Math.cos(step * 7 + i)
    const whole = create(definition)
    const first = create(definition)
    const second = create(definition)
    for (const { memory } of [whole, first]) fill(memory, 'parameters', (i) => i / 10)
    for (let step = 0; step < 10; step++) {
      const half = step < 5 ? first : second
      if (step === 5) {
        second.optimizer.importState(first.optimizer.exportState())
        for (const [name, view] of first.memory.views('parameters')) second.memory.view('parameters', name).set(view)
      }
      for (const { memory, optimizer } of [whole, half]) {
        fill(memory, 'gradients', gradientAt(step))
        optimizer.step()
      }
    }
    expect(valuesOf(second.memory)).toEqual(valuesOf(whole.memory))
  })

  it('refuses the state of another optimiser or other parameters, and keeps its own', () => {
    const { memory, optimizer } = create(adamw())
    fill(memory, 'gradients', () => 1)
    optimizer.step()
    const state = optimizer.exportState()
    const invalid = expect.objectContaining({ code: 'CHECKPOINT_INVALID' })
    expect(() => optimizer.importState(create(lion()).optimizer.exportState())).toThrow(invalid)
    const short = { ...state.tensors, 'firstMoment/weight': new Float32Array(3) }
    expect(() => optimizer.importState({ ...state, tensors: short })).toThrow(
      /'firstMoment\/weight' has 3 values, not 15/,
    )
    const extra = { ...state.tensors, 'firstMoment/other': new Float32Array(3) }
    expect(() => optimizer.importState({ ...state, tensors: extra })).toThrow(invalid)
    expect(() => optimizer.importState({ ...state, updateCounts: { weight: 1, bias: -1 } })).toThrow(invalid)
    expect(optimizer.exportState()).toEqual(state)
  })

  it('leaves frozen parameters alone, with their gradients and counts', () => {
    const { memory, optimizer } = create(adamw(), ['bias'])
    fill(memory, 'parameters', () => 1)
    fill(memory, 'gradients', () => 2)
    expect(optimizer.gradientNorm()).toBe(Math.sqrt(15 * 4))
    optimizer.step()
    expect([...memory.view('parameters', 'bias')]).toEqual([1, 1, 1])
    expect(memory.view('parameters', 'weight')[0]).toBeLessThan(1)
    expect(Object.fromEntries(memory.updateCounts)).toEqual({ weight: 1, bias: 0 })
    optimizer.zeroGradients()
    expect(memory.view('gradients', 'weight').every((g) => g === 0)).toBe(true)
    expect([...memory.view('gradients', 'bias')]).toEqual([2, 2, 2])
  })

  it('clips to a norm', () => {
    const { memory, optimizer } = create(sgd({ learningRate: 1 }))
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 100, noNaN: true }),
        fc.float({ min: -50, max: 50, noNaN: true }),
        (maximum, g) => {
          fill(memory, 'parameters', () => 0)
          fill(memory, 'gradients', (i) => g + i)
          const norm = optimizer.gradientNorm()
          optimizer.step({ gradientScale: clipFactor(norm, maximum) })
          const moved = Math.hypot(...valuesOf(memory))
          expect(Math.abs(moved - Math.min(norm, maximum))).toBeLessThanOrEqual(1e-4 * Math.max(1, maximum))
        },
      ),
    )
    memory.view('gradients', 'bias')[1] = Infinity
    expect(clipFactor(optimizer.gradientNorm(), 1)).toBeNaN()
  })

  it('takes definitions apart that make no sense', () => {
    const invalid = expect.objectContaining({ code: 'OPTION_INVALID' })
    expect(() => sgd({ nesterov: true })).toThrow(/nesterov: needs a momentum above 0/)
    expect(() => adam({ betas: [0.9, 1] })).toThrow(/betas\.1/)
    expect(() => adamw({ learningRate: Number.NaN })).toThrow(invalid)
    expect(() => lion({ epsilon: 1 } as object)).toThrow(invalid)
  })
})
