import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRunPacer } from './run-pacer.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Batches that wait, each until it is told to end; what is due follows the first one's time. */
function pacing(maxRuns: number) {
  const waiting: number[] = []
  const ends: (() => void)[] = []
  const pacer = createRunPacer({
    maxRuns,
    dueInMs: () => (waiting.length === 0 ? undefined : waiting[0]! - performance.now()),
    take: () => waiting.shift(),
    run: () => new Promise<void>((resolve) => ends.push(resolve)),
  })
  const add = (dueMs = 0): void => {
    waiting.push(performance.now() + dueMs)
    pacer.wake()
  }
  return { pacer, waiting, ends, add }
}

describe('the pace of runs', () => {
  it('starts at the end of the tick, no more than allowed at a time, and the next when one ends', async () => {
    const { ends, add } = pacing(2)
    add()
    add()
    add()
    expect(ends).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(0)
    expect(ends).toHaveLength(2)
    ends[0]!()
    await vi.advanceTimersByTimeAsync(0)
    expect(ends).toHaveLength(3)
  })

  it('waits until what waits is due', async () => {
    const { ends, add } = pacing(1)
    add(20)
    await vi.advanceTimersByTimeAsync(19)
    expect(ends).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(2)
    expect(ends).toHaveLength(1)
  })

  it('is idle once nothing waits or runs, also where what waited went away', async () => {
    const { pacer, ends, waiting, add } = pacing(1)
    await pacer.idle()
    add()
    add()
    const said: string[] = []
    void pacer.idle().then(() => said.push('idle'))
    await vi.advanceTimersByTimeAsync(0)
    waiting.length = 0
    pacer.wake()
    await vi.advanceTimersByTimeAsync(0)
    expect(said).toEqual([])
    ends[0]!()
    await vi.advanceTimersByTimeAsync(0)
    expect(said).toEqual(['idle'])
  })
})
