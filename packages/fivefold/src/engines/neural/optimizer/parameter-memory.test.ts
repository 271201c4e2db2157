import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resolveGroups, withoutDecay } from './parameter-groups.ts'
import { createParameterMemory, type ParameterSpec } from './parameter-memory.ts'

const specs = fc.uniqueArray(
  fc.record({
    name: fc.string({ minLength: 1, maxLength: 8 }),
    shape: fc.array(fc.nat(6), { maxLength: 3 }),
    trainable: fc.boolean(),
  }),
  { selector: ({ name }) => name, maxLength: 8 },
)

describe('parameter memory', () => {
  it('gives each tensor room of its own in each slot, at cache lines', () => {
    fc.assert(
      fc.property(specs, (list) => {
        const memory = createParameterMemory(list, ['firstMoment', 'averages'])
        const views = memory.slots.flatMap((slot) =>
          Array.from(memory.views(slot), ([name, view]) => ({ slot, name, view })),
        )
        for (const [i, { view }] of views.entries()) view.fill(i)
        for (const [i, { view, name }] of views.entries()) {
          expect(view.byteOffset % 64).toBe(0)
          expect(view.every((value) => value === i)).toBe(true)
          const { shape } = list.find((spec) => spec.name === name)!
          expect(view).toHaveLength(shape.reduce((product, size) => product * size, 1))
        }
        const trainable = list.filter((spec) => spec.trainable).length
        expect(views).toHaveLength(list.length + 3 * trainable)
        expect(new Set(views.map(({ view }) => view.buffer)).size).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('refuses names that repeat, shapes that are none, and more than a memory holds', () => {
    const fails = (list: readonly ParameterSpec[], message: RegExp): void =>
      expect(() => createParameterMemory(list)).toThrow(message)
    fails(
      [
        { name: 'a', shape: [1] },
        { name: 'a', shape: [2] },
      ],
      /two parameters are named 'a'/,
    )
    fails([{ name: 'a', shape: [-1, 2] }], /'a': \[-1,2\] is not a fixed shape/)
    fails([{ name: 'a', shape: [2 ** 20, 2 ** 10] }], /take 8193 MiB, and one memory holds 4096 MiB/)
  })
})

describe('parameter groups', () => {
  const parameters: readonly ParameterSpec[] = [
    { name: 'encoder.0.weight', shape: [4, 4] },
    { name: 'encoder.0.bias', shape: [4] },
    { name: 'head.weight', shape: [4, 2] },
    { name: 'norm.runningMean', shape: [4], trainable: false },
  ]

  it('are decided by the first that matches', () => {
    const settings = resolveGroups(parameters, [
      { match: 'encoder.*', learningRateFactor: 0.1, frozen: true },
      withoutDecay,
      { match: /head/, weightDecay: 0.5 },
    ])
    expect(settings).toEqual([
      { name: 'encoder.0.weight', learningRateFactor: 0.1, frozen: true },
      { name: 'encoder.0.bias', learningRateFactor: 0.1, frozen: true },
      { name: 'head.weight', learningRateFactor: 1, frozen: false, weightDecay: 0.5 },
    ])
    expect(structuredClone(settings)).toEqual(settings)
  })

  it('take a pattern by its letters', () => {
    const named = (names: string[]): ParameterSpec[] => names.map((name) => ({ name, shape: [1] }))
    const [a, b] = resolveGroups(named(['x.w', 'xaw']), [{ match: 'x.w', frozen: true }])
    expect([a!.frozen, b!.frozen]).toEqual([true, false])
    const sticky = /w/g
    expect(resolveGroups(named(['w', 'w2']), [{ match: sticky, frozen: true }]).map((s) => s.frozen)).toEqual([
      true,
      true,
    ])
  })

  it('that match nothing are mistakes', () => {
    expect(() => resolveGroups(parameters, [{ match: 'decoder.*' }])).toThrow(/'decoder\.\*' matches no trainable/)
    expect(() => resolveGroups(parameters, [{ match: 'norm.*' }])).toThrow(/matches no trainable/)
    expect(() => resolveGroups(parameters, [{ match: '*', weightDecay: -1 }])).toThrow(/group 0: weightDecay is -1/)
  })
})
