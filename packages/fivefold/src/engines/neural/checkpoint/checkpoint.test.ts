import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Checkpoint } from './checkpoint.ts'
import { decodeCheckpoint } from './decode-checkpoint.ts'
import { encodeCheckpoint } from './encode-checkpoint.ts'
import { readSafetensors } from './read-safetensors.ts'
import { writeSafetensors } from './write-safetensors.ts'

const checkpoint: Checkpoint = {
  step: 120,
  epoch: 3,
  positionInEpoch: 17,
  seed: 42,
  parameters: new Map([
    ['encoder/0.weight', { shape: [2, 3], values: Float32Array.of(1, 2, 3, -0, Number.NaN, Infinity) }],
    ['bias', { shape: [], values: Float32Array.of(0.1) }],
  ]),
  optimizers: {
    generator: {
      tensors: { 'firstMoment/bias': Float32Array.of(0.5), 'secondMoment/bias': Float32Array.of(0.25) },
      updateCounts: { bias: 120, 'encoder/0.weight': 0 },
    },
    critic: { tensors: {}, updateCounts: {} },
  },
  averages: { updateCount: 12, values: { bias: Float32Array.of(0.11) } },
  plateau: { factor: 0.5, best: 0.3, badCount: 2, cooldownLeft: 1 },
  history: [{ loss: 1.5 }, { loss: Number.NaN, norm: Infinity }],
  details: { best: { metric: 0.9, step: 80 }, tags: ['a', null, true] },
}

describe('checkpoint', () => {
  it('comes back as it was', () => {
    expect(decodeCheckpoint(encodeCheckpoint(checkpoint))).toEqual(checkpoint)
    const {
      averages: _a,
      plateau: _p,
      ...least
    } = { ...checkpoint, optimizers: {}, parameters: new Map(), history: [] }
    expect(decodeCheckpoint(encodeCheckpoint(least))).toEqual(least)
    const unmeasured = { ...least, plateau: { factor: 1, badCount: 0, cooldownLeft: 0 } }
    expect(decodeCheckpoint(encodeCheckpoint(unmeasured))).toEqual(unmeasured)
  })

  it('is the same bytes for the same run', () => {
    expect(encodeCheckpoint(decodeCheckpoint(encodeCheckpoint(checkpoint)))).toEqual(encodeCheckpoint(checkpoint))
  })

  it('does not follow the memory that it was taken from', () => {
    const values = Float32Array.of(1)
    const bytes = encodeCheckpoint({ ...checkpoint, parameters: new Map([['a', { shape: [1], values }]]) })
    values[0] = 2
    expect(decodeCheckpoint(bytes).parameters.get('a')!.values[0]).toBe(1)
  })

  it('is refused where a byte of a tensor changed, or the file ends early', () => {
    const bytes = encodeCheckpoint(checkpoint)
    const invalid = expect.objectContaining({ code: 'CHECKPOINT_INVALID' })
    const { tensors } = readSafetensors(bytes)
    const dataStart = Math.min(...Array.from(tensors.values(), ({ data }) => data.byteOffset))
    fc.assert(
      fc.property(
        fc.integer({ min: dataStart, max: bytes.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, flip) => {
          expect(() => decodeCheckpoint(bytes.with(at, bytes[at]! ^ flip))).toThrow(invalid)
        },
      ),
    )
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (end) => {
        expect(() => decodeCheckpoint(bytes.slice(0, end))).toThrow(invalid)
      }),
    )
  })

  it('is refused in another version, and where it is no checkpoint', () => {
    const { tensors, metadata } = readSafetensors(encodeCheckpoint(checkpoint))
    const decodeWith = (changes: Record<string, string>) => () =>
      decodeCheckpoint(writeSafetensors({ tensors, metadata: { ...metadata, ...changes } }))
    expect(decodeWith({ formatVersion: '2' })).toThrow(expect.objectContaining({ code: 'CHECKPOINT_VERSION' }))
    expect(decodeWith({ formatVersion: '2' })).toThrow(/format version 2; this release reads 1/)
    expect(decodeWith({ format: 'pt' })).toThrow(/not one of a training run/)
    expect(decodeWith({ state: '{' })).toThrow(/state is not JSON/)
    expect(decodeWith({ state: '{"step":-1}' })).toThrow(/state is not of the format: step/)
    const fewer = new Map([...tensors].slice(1))
    expect(() => decodeCheckpoint(writeSafetensors({ tensors: fewer, metadata }))).toThrow(/is missing/)
  })

  it('takes no optimiser whose name cannot be told from its tensors', () => {
    const optimizers = { 'a/b': { tensors: {}, updateCounts: {} } }
    expect(() => encodeCheckpoint({ ...checkpoint, optimizers })).toThrow(/'a\/b'/)
  })
})
