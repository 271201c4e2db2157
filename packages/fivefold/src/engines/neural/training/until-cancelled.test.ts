import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { untilCancelled } from './until-cancelled.ts'

async function drain(source: AsyncIterable<number> | Iterable<number>, signal: AbortSignal): Promise<number[]> {
  const values: number[] = []
  for await (const value of untilCancelled(source, signal)) values.push(value)
  return values
}

describe('untilCancelled', () => {
  it('gives what the source gives and leaves no listener', async () => {
    const { signal } = new AbortController()
    expect(await drain([1, 2, 3], signal)).toEqual([1, 2, 3])
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('does not wait for a source that hangs', async () => {
    async function* hanging() {
      yield 1
      await new Promise(() => {})
    }
    await expect(drain(hanging(), AbortSignal.timeout(20))).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('closes the source of a loop that stops', async () => {
    let isClosed = false
    function* counting() {
      try {
        for (let i = 0; ; i++) yield i
      } finally {
        isClosed = true
      }
    }
    for await (const value of untilCancelled(counting(), new AbortController().signal)) if (value === 2) break
    expect(isClosed).toBe(true)
  })

  it('throws what the source throws', async () => {
    function* broken() {
      yield 1
      throw new Error('the disk is gone')
    }
    await expect(drain(broken(), new AbortController().signal)).rejects.toThrow('the disk is gone')
  })
})
