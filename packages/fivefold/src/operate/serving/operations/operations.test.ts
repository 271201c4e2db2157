import { describe, expect, it } from 'vitest'
import { type Context, createContext } from '../../../core/index.ts'
import { createServerMetrics } from '../metrics/server-metrics.ts'
import { measuredOperations } from './measured-operations.ts'
import { createOperations, type OperationsOptions } from './operations.ts'
import { countedBetween, type Sample, sampleOf } from './sample.ts'
import { createSampleHistory } from './sample-history.ts'

const MODEL = { name: 'credit', version: '3' }
const EVERY = new Set([
  'fivefold_prediction_requests_total',
  'fivefold_prediction_duration_seconds',
  'fivefold_rows_total',
])

/** A server whose clock is turned by hand; looks at it are taken when they are asked for. */
function handTurned() {
  let atMs = 0
  const metrics = createServerMetrics()
  const look = (): Sample => sampleOf(metrics.snapshot(), EVERY, { timeMs: 1e12 + atMs, atMs })
  const history = createSampleHistory({ timeMs: 1e12, atMs: 0, series: new Map() })
  return {
    metrics,
    history,
    look,
    answer: (ms: number, outcome: 'ok' | 'failed' = 'ok') => {
      metrics.predictionEnded(MODEL, outcome, ms)
      metrics.of(MODEL).rows(2)
    },
    pass: (seconds: number, meanwhile: () => void = () => {}) => {
      for (let i = 0; i < seconds; i += 10) {
        meanwhile()
        atMs += 10_000
        history.add(look())
      }
    },
  }
}

describe('measuredOperations', () => {
  it('tells the last minute from the last five and the last hour', () => {
    const { history, look, pass, answer } = handTurned()
    pass(3600, () => answer(3))
    pass(240, () => answer(30))
    pass(60, () => answer(300, 'failed'))
    const { models, server } = measuredOperations(look(), history, 'none')
    const { windows } = models.find(({ name }) => name === 'credit')!
    expect(windows['1m']).toMatchObject({ seconds: 60, requests: 6, ok: 0, failed: 6, rows: 12, latencyMs: null })
    expect(windows['5m']).toMatchObject({ seconds: 300, requests: 30, ok: 24, failed: 6, requestsPerSecond: 0.1 })
    expect(windows['5m'].latencyMs!.p50).toMatchObject({ low: 25, high: 50 })
    expect(windows['1h'].seconds).toBe(3600)
    expect(windows['1h'].requests).toBe(360)
    expect(windows['1h'].latencyMs!.p50).toMatchObject({ low: 2.5, high: 5 })
    expect(server).toEqual(windows)
  })

  it('says how much of a window a young server covers', () => {
    const { history, look, pass, answer } = handTurned()
    pass(30, () => answer(1))
    const { server } = measuredOperations(look(), history, 'none')
    expect(Object.values(server).map(({ seconds, requests }) => [seconds, requests])).toEqual(Array(3).fill([30, 3]))
  })

  it('draws ten minutes in steps of ten seconds, or an hour in minutes, and never more', () => {
    const { history, look, pass, answer } = handTurned()
    pass(7200, () => answer(3))
    pass(10, () => answer(30, 'failed'))
    const fine = measuredOperations(look(), history, '10m').history!
    expect([fine.stepSeconds, fine.timesMs.length, fine.timesMs.at(-1)]).toEqual([10, 60, 1e12 + 7_210_000])
    const { series } = fine.models[0]!
    expect(series.requestsPerSecond).toEqual(Array(60).fill(0.1))
    expect(series.failedPerSecond).toEqual([...Array(59).fill(0), 0.1])
    expect(series.latencyMs.p95.slice(-2)).toEqual([expect.any(Number), null])
    expect(fine.server).toEqual(series)
    const coarse = measuredOperations(look(), history, '1h').history!
    expect([coarse.stepSeconds, coarse.timesMs.length]).toEqual([60, 60])
    expect(coarse.server.rowsPerSecond).toEqual(Array(60).fill(0.2))
  })
})

describe('countedBetween', () => {
  it('counts from zero what has begun anew', () => {
    const at = (count: number): Sample => ({ timeMs: 0, atMs: 0, series: new Map([['c', new Map([['', [count]]])]]) })
    expect(countedBetween(at(3), at(5), 'c')).toEqual([2])
    expect(countedBetween(at(5), at(2), 'c')).toEqual([2])
    expect(countedBetween(at(5), at(2), 'other')).toBeUndefined()
  })
})

describe('createOperations', () => {
  const open = async (options: Partial<OperationsOptions> = {}, context: Context = createContext()) => {
    const metrics = createServerMetrics()
    let gathered = 0
    const operations = await createOperations({
      gather: async () => {
        gathered++
        await new Promise((resolve) => setImmediate(resolve))
        return [metrics.snapshot()]
      },
      context,
      ...options,
    })
    return { operations, metrics, gathered: () => gathered }
  }

  it('takes one look for all who ask at once', async () => {
    const { operations, gathered } = await open({ price: { perHour: 1 } })
    await Promise.all([operations.report('10m'), operations.report('none'), operations.metrics()])
    // The first one was at the start.
    expect(gathered()).toBe(2)
    await operations.report('none')
    expect(gathered()).toBe(3)
    await operations.close()
  })

  it('has neither objectives nor costs, nor metrics of them, unless it is told', async () => {
    const { operations } = await open()
    expect(await operations.report('none')).toMatchObject({ slo: null, cost: null, history: null })
    expect(await operations.metrics()).toEqual([])
    await operations.close()
  })

  it('knows the processes and what they take', async () => {
    const { operations } = await open()
    const { processes, residentBytes, nowMs, startedMs } = await operations.report('none')
    expect([processes, residentBytes > 1e6, nowMs >= startedMs]).toEqual([1, true, true])
    await operations.close()
  })
})
