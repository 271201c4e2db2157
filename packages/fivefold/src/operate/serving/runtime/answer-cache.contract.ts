import { describe, expect, it } from 'vitest'
import { floats, type TensorLiteral } from '../../../onnx/index.ts'
import type { Tensors } from '../model/servable.ts'
import type { AnswerCache } from './shared-cache.ts'

const question = (x: number, name = 'x'): Tensors => ({ [name]: floats([x], [1, 1]) })

/** Everything that a model may answer. */
const ANSWER: Readonly<Record<string, TensorLiteral>> = {
  number: floats([0.1, Number.NaN, Number.NEGATIVE_INFINITY], [3, 1]),
  text: { type: 'string', shape: [2], data: ['Zürich', ''] },
  whole: { type: 'int64', shape: [1, 2], data: BigInt64Array.of(2n ** 62n + 1n, -1n) },
  flag: { type: 'bool', shape: [1], data: Uint8Array.of(1) },
  none: { type: 'double', shape: [0, 3], data: new Float64Array(0) },
}

/** What holds for every cache of answers, wherever they lie. */
export function answerCacheContract(name: string, open: () => Promise<AnswerCache>): void {
  /** Caches elsewhere are written to without waiting. */
  const kept = async (cache: AnswerCache, feeds: Tensors, outputs?: readonly string[]): Promise<Tensors> => {
    for (;;) {
      const found = await cache.get(feeds, outputs)
      if (found) return found
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  describe(`${name}, a cache of answers`, () => {
    it('gives back every kind of tensor as it was, and nothing that was not asked before', async () => {
      const cache = await open()
      expect(await cache.get(question(1), undefined)).toBeUndefined()
      cache.set(question(1), undefined, ANSWER)
      expect(await kept(cache, question(1))).toEqual(ANSWER)
      expect(await cache.get(question(2), undefined)).toBeUndefined()
    })

    it('tells questions apart by names, values and the outputs that are asked for', async () => {
      const cache = await open()
      const answers = [1, 2, 3, 4].map((value) => ({ y: floats([value], [1, 1]) }))
      cache.set(question(1), undefined, answers[0]!)
      cache.set(question(1), ['y'], answers[1]!)
      cache.set(question(1, 'z'), undefined, answers[2]!)
      cache.set({ x: { type: 'double', shape: [1, 1], data: Float64Array.of(1) } }, undefined, answers[3]!)
      expect(await kept(cache, question(1), ['y'])).toEqual(answers[1])
      expect(await kept(cache, question(1, 'z'))).toEqual(answers[2])
      expect(await kept(cache, question(1))).toEqual(answers[0])
    })

    it('does not change when the memory of an answer is used again', async () => {
      const cache = await open()
      const data = Float32Array.of(7)
      const answer = { y: floats(data, [1, 1]) }
      cache.set(question(1), undefined, answer)
      data.fill(0)
      expect((await kept(cache, question(1))).y!.data[0]).toBe(7)
    })
  })
}
