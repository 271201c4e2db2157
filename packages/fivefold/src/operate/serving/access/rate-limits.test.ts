import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientOf } from './client-address.ts'
import { createBorrower, createLender } from './leases.ts'
import { parseRateLimit } from './rate-limit.ts'
import { createTokenBuckets } from './token-buckets.ts'

function clockAt(startMs = 0): { nowMs: number; monotonicMs(): number } {
  const clock = { nowMs: startMs, monotonicMs: () => clock.nowMs }
  return clock
}

describe('rates', () => {
  it('are requests in a second, minute or hour', () => {
    expect(parseRateLimit('100/s')).toEqual({ count: 100, perMs: 1000 })
    expect(parseRateLimit('5000/h')).toEqual({ count: 5000, perMs: 3_600_000 })
  })
  it.each(['', '0/s', '-1/s', '1.5/s', '1e9/s', '10', '10/d', '10/s ', '9999999999/s', 'none'])('are not %s', (text) =>
    expect(() => parseRateLimit(text)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' })),
  )
})

describe('a bucket', () => {
  it('lets as many through at once as it holds, then as it fills', () => {
    const clock = clockAt()
    const buckets = createTokenBuckets(clock)
    const limit = parseRateLimit('4/s')
    const take = (): number => buckets.take('a', limit, 1).waitMs
    expect(Array.from({ length: 6 }, take)).toEqual([0, 0, 0, 0, 250, 250])
    clock.nowMs = 250
    expect([take(), take()]).toEqual([0, 250])
    clock.nowMs = 100_000
    expect(Array.from({ length: 5 }, take)).toEqual([0, 0, 0, 0, 250])
  })

  it('never lets more through in any stretch of time than it holds and fills by', () => {
    const steps = fc.array(
      fc.record({ waitMs: fc.integer({ min: 0, max: 700 }), wanted: fc.integer({ min: 1, max: 9 }) }),
    )
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), steps, (count, times) => {
        const clock = clockAt()
        const buckets = createTokenBuckets(clock)
        const passed: { atMs: number; granted: number }[] = []
        for (const { waitMs, wanted } of times) {
          clock.nowMs += waitMs
          passed.push({ atMs: clock.nowMs, granted: buckets.take('a', { count, perMs: 1000 }, wanted).granted })
        }
        for (const [first, { atMs }] of passed.entries())
          for (let last = first; last < passed.length; last++) {
            const sum = passed.slice(first, last + 1).reduce((total, { granted }) => total + granted, 0)
            expect(sum).toBeLessThanOrEqual(count + ((passed[last]!.atMs - atMs) * count) / 1000 + 1e-6)
          }
      }),
    )
  })

  it('says how long to wait, and that is enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 59_000 }), (count, lateMs) => {
        const clock = clockAt()
        const buckets = createTokenBuckets(clock)
        const limit = { count, perMs: 60_000 }
        buckets.take('a', limit, count)
        clock.nowMs += lateMs % (60_000 / count)
        const { waitMs } = buckets.take('a', limit, 1)
        clock.nowMs += waitMs + 1e-3
        expect(buckets.take('a', limit, 1).granted).toBe(1)
      }),
    )
  })

  it('is there for as many keys as there is room for, whoever asks', () => {
    const buckets = createTokenBuckets(clockAt(), 100)
    const limit = parseRateLimit('1/s')
    const take = (key: string): number => buckets.take(key, limit, 1).granted
    expect([take('mine'), take('mine')]).toEqual([1, 0])
    for (let i = 0; i < 99; i++) take(`10.0.0.${i}`)
    // Asked for lately, so it is still known; what was asked for least lately is not.
    expect(take('mine')).toBe(0)
    for (let i = 0; i < 100_000; i++) take(`address ${i}`)
    expect(take('mine')).toBe(1)
  })

  it('follows a limit that was changed', () => {
    const buckets = createTokenBuckets(clockAt())
    expect(buckets.take('a', parseRateLimit('100/s'), 1).granted).toBe(1)
    expect(buckets.take('a', parseRateLimit('2/s'), 5).granted).toBe(2)
  })
})

describe('several processes', () => {
  it('together let no more through than one would', async () => {
    const work = fc.array(
      fc.record({
        process: fc.nat(3),
        waitMs: fc.integer({ min: 0, max: 300 }),
        requests: fc.integer({ min: 1, max: 30 }),
      }),
      { maxLength: 30 },
    )
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 400 }), work, async (count, steps) => {
        const clock = clockAt()
        const lend = createLender(createTokenBuckets(clock), 4)
        const processes = Array.from({ length: 4 }, () => createBorrower(async (...asked) => lend(...asked), clock))
        let passed = 0
        for (const { process, waitMs, requests } of steps) {
          clock.nowMs += waitMs
          const waits = await Promise.all(
            Array.from({ length: requests }, () => processes[process]!('a', { count, perMs: 1000 })),
          )
          passed += waits.filter((wait) => wait === 0).length
        }
        expect(passed).toBeLessThanOrEqual(count + (clock.nowMs * count) / 1000 + 1e-6)
      }),
    )
  })

  it('let all of a slow limit through, wherever its requests arrive', async () => {
    const clock = clockAt()
    const lend = createLender(createTokenBuckets(clock), 4)
    const processes = Array.from({ length: 4 }, () => createBorrower(async (...asked) => lend(...asked), clock))
    const waits = []
    for (let i = 0; i < 10; i++) waits.push(await processes[i % 4]!('a', parseRateLimit('8/s')))
    expect(waits.map((wait) => wait === 0)).toEqual([...new Array(8).fill(true), false, false])
  })

  it('ask seldom for what may come often, once for all who wait, and not at all while there is nothing', async () => {
    const clock = clockAt()
    const lend = createLender(createTokenBuckets(clock), 2)
    let asked = 0
    const take = createBorrower(async (...question) => {
      asked++
      return lend(...question)
    }, clock)
    const limit = parseRateLimit('10000/s')
    await Promise.all(Array.from({ length: 100 }, () => take('a', limit)))
    // The first asks for itself; the others wait for its answer, which is enough for all.
    for (let i = 0; i < 100; i++) await take('a', limit)
    expect(asked).toBeLessThanOrEqual(2)

    const slow = parseRateLimit('1/h')
    asked = 0
    expect(await take('b', slow)).toBe(0)
    const waits = []
    for (let i = 0; i < 100; i++) waits.push(await take('b', slow))
    expect(asked).toBe(2)
    expect(Math.min(...waits)).toBeGreaterThan(3_500_000)
  })

  it('answer what is here once the process that counts has gone', async () => {
    const take = createBorrower(() => Promise.reject(new Error('gone')), clockAt())
    expect(await take('a', parseRateLimit('1/s'))).toBe(0)
  })
})

describe('a client', () => {
  it.each([
    ['10.1.2.3', '10.1.2.3'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2/64'],
    ['2001:db8::9', '2001:db8:0:0/64'],
    ['::1', '0:0:0:0/64'],
    ['fe80::1%eth0', 'fe80:0:0:0/64'],
    ['unknown', 'unknown'],
  ])('is told by its network: %s', (address, key) => expect(clientOf(address)).toBe(key))

  it('has one bucket, however many addresses its network has', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 4, maxLength: 4 }), (tail) => {
        expect(clientOf(`2001:db8:7:8:${tail.map((part) => part.toString(16)).join(':')}`)).toBe('2001:db8:7:8/64')
      }),
    )
  })
})
