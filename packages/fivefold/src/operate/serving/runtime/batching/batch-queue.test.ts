import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBatchQueue } from './batch-queue.ts'
import type { WaitingRequest } from './waiting-request.ts'

const waiting = (rows: number, key = '', sinceMs = 0): WaitingRequest => ({
  ...{ feeds: {}, rows, outputs: undefined, key, sinceMs },
  resolve: () => {},
  reject: () => {},
})

function queueOf(requests: readonly WaitingRequest[], maxRows?: number) {
  const queue = createBatchQueue(maxRows)
  for (const request of requests) queue.add(request)
  return queue
}

describe('a queue of requests', () => {
  it('gives each request out once, those of a key in their order, in batches of one key that are full or cannot be', () => {
    const request = fc.record({ rows: fc.integer({ min: 1, max: 8 }), key: fc.constantFrom('a', 'b', 'c') })
    fc.assert(
      fc.property(fc.array(request, { maxLength: 30 }), (specified) => {
        const requests = specified.map(({ rows, key }, at) => waiting(rows, key, at))
        const queue = queueOf(requests, 8)
        const taken: WaitingRequest[] = []
        while (!queue.isEmpty()) {
          const first = queue.firstSinceMs()
          const batch = queue.takeBatch()
          expect(batch[0]!.sinceMs).toBe(first)
          expect(new Set(batch.map(({ key }) => key)).size).toBe(1)
          expect(batch.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThanOrEqual(8)
          taken.push(...batch)
        }
        expect(queue.rows()).toBe(0)
        for (const key of ['a', 'b', 'c']) {
          const ofKey = (list: readonly WaitingRequest[]) => list.filter((one) => one.key === key)
          expect(ofKey(taken)).toEqual(ofKey(requests))
        }
      }),
    )
  })

  it('lets nobody overtake a request of the same key that does not fit', () => {
    const [first, large, small] = [waiting(3), waiting(6), waiting(1)]
    const queue = queueOf([first, large, small], 8)
    expect(queue.takeBatch()).toEqual([first])
    expect(queue.takeBatch()).toEqual([large, small])
  })

  it('runs each alone where requests cannot share a run', () => {
    const queue = queueOf([waiting(1), waiting(1)])
    expect([queue.takeBatch().length, queue.rows()]).toEqual([1, 1])
  })

  it('forgets what was given up, once', () => {
    const [first, second] = [waiting(2), waiting(3)]
    const queue = queueOf([first, second], 8)
    queue.remove(first)
    queue.remove(first)
    expect([queue.rows(), queue.takeBatch()]).toEqual([3, [second]])
    expect(queue.firstSinceMs()).toBeUndefined()
  })
})
