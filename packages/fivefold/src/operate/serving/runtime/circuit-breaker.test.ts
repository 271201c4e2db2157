import { describe, expect, it } from 'vitest'
import { createCircuitBreaker } from './circuit-breaker.ts'

function breaker() {
  const state = { nowMs: 0, tried: 0, pauses: 0 }
  const { attempt } = createCircuitBreaker({
    ...{ timeoutMs: 5, mostFailures: 3, pauseMs: 1000 },
    clockMs: () => state.nowMs,
    onPause: () => void state.pauses++,
  })
  const fail = () =>
    attempt(async () => {
      state.tried++
      throw new Error('down')
    })
  const succeed = () => attempt(async () => ++state.tried)
  return { state, attempt, fail, succeed }
}

describe('a circuit breaker', () => {
  it('gives results, and nothing where there is none or it takes too long', async () => {
    const { attempt, fail } = breaker()
    expect(await attempt(async () => 7)).toBe(7)
    expect(await fail()).toBeUndefined()
    expect(await attempt(() => new Promise(() => {}))).toBeUndefined()
  })

  it('pauses after failures in a row, and tries once when the pause is over', async () => {
    const { state, fail, succeed } = breaker()
    await fail()
    await succeed()
    for (let i = 0; i < 3; i++) await fail()
    expect(state).toMatchObject({ tried: 5, pauses: 1 })
    await succeed()
    expect(state.tried).toBe(5)
    state.nowMs = 1000
    await Promise.all([fail(), fail(), fail()])
    expect(state).toMatchObject({ tried: 6, pauses: 2 })
    state.nowMs = 2000
    expect(await succeed()).toBe(7)
    expect(await succeed()).toBe(8)
  })

  it('tells of a pause once, however many tries were on their way', async () => {
    const { state, fail } = breaker()
    await Promise.all([fail(), fail(), fail(), fail(), fail()])
    expect(state.pauses).toBe(1)
  })
})
