import { afterEach, describe, expect, it } from 'vitest'
import { createContext } from '../../../../core/index.ts'
import { doublingModel } from '../../model/servable.test.fixture.ts'
import type { Servable } from '../../model/servable.ts'
import { type RunningServer, serveModels } from '../../server/serve-models.ts'

let server: RunningServer | undefined
afterEach(() => server?.close())

interface ServerEvent {
  readonly id?: string
  readonly event: string
  readonly data: unknown
}

const ask = async (rows: number, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> =>
  fetch(`${server!.url}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify(Array.from({ length: rows }, (_, x) => ({ x }))),
    ...(signal ? { signal } : {}),
  })

const eventsIn = (text: string): ServerEvent[] =>
  text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s, 2)))
      return { ...fields, data: JSON.parse(fields.data!) } as ServerEvent
    })

const start = async (model: Servable = doublingModel()): Promise<void> => {
  server = await serveModels({ models: [model], context: createContext() })
}

describe('answers as events', () => {
  it('come piece by piece, with progress, and say when they are over', async () => {
    await start()
    const reply = await ask(600)
    expect(reply.headers.get('content-type')).toBe('text/event-stream')
    const requestId = reply.headers.get('x-request-id')
    const events = eventsIn(await reply.text())
    const rows = events.filter(({ event }) => event === 'rows')
    expect(rows.map(({ id }) => id)).toEqual(['256', '512', '600'])
    const predictions = rows.flatMap(({ data }) => (data as { predictions: { prediction: number }[] }).predictions)
    expect(predictions.map(({ prediction }) => prediction)).toEqual(Array.from({ length: 600 }, (_, x) => 2 * x))
    expect(events.filter(({ event }) => event === 'progress').map(({ data }) => data)).toEqual([
      { done: 256, total: 600 },
      { done: 512, total: 600 },
      { done: 600, total: 600 },
    ])
    expect(events.at(-1)).toEqual({
      event: 'done',
      data: { model: 'doubling', version: '1', rows: 600, requestId },
    })
  })

  it('go on behind the rows that have come', async () => {
    await start()
    const events = eventsIn(await (await ask(600, { 'last-event-id': '512' })).text())
    expect(events.map(({ event }) => event)).toEqual(['rows', 'progress', 'done'])
    expect(events[0]!.data).toMatchObject({ from: 512 })
    expect((await ask(600, { 'last-event-id': '601' })).status).toBe(400)
    expect((await ask(600, { 'last-event-id': 'x' })).status).toBe(400)
  })

  it('are refused like any other answer where the rows do not fit', async () => {
    await start()
    const reply = await fetch(`${server!.url}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: '{"x":"many"}',
    })
    expect([reply.status, ((await reply.json()) as { error: { code: string } }).error.code]).toEqual([
      422,
      'MODEL_INPUT',
    ])
  })

  it('tell of a failure in their midst', async () => {
    const inner = doublingModel()
    const run: Servable['run'] = async (feeds, options) => {
      if ((feeds.x!.data as Float64Array).includes(300)) throw new Error('no')
      return inner.run(feeds, options)
    }
    await start(doublingModel({ run }))
    const events = eventsIn(await (await ask(600)).text())
    expect(events.map(({ event }) => event)).toEqual(['rows', 'progress', 'error'])
    expect(events.at(-1)!.data).toMatchObject({ error: { code: 'INTERNAL' } })
  })

  it('end with the connection: nothing more is computed', async () => {
    const inner = doublingModel()
    const state = { runs: 0, release: (): void => {} }
    const gone = new AbortController()
    const run: Servable['run'] = async (feeds, options) => {
      state.runs++
      if (state.runs === 2) {
        gone.abort()
        // The server hears of it in its own time.
        while (
          server!.metrics.snapshot().find(({ name }) => name === 'fivefold_requests_in_flight')!.series[0]!
            .numbers[0] !== 0
        )
          await new Promise((resolve) => setTimeout(resolve, 5))
      }
      return inner.run(feeds, options)
    }
    await start(doublingModel({ run }))
    await expect(ask(5000, {}, gone.signal).then((reply) => reply.text())).rejects.toThrow()
    await server!.close()
    expect(state.runs).toBe(2)
  })
})
